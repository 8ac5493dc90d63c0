/**
 * Plays scripts: a session, servers that say what they are told to, and a clock that moves only by
 * command. After every command the session turns; what it does and tells then is what the command
 * says. Within `advance`, each line tells the time.
 *
 *     session servers=a,b timeout=9000    a session, which begins to connect
 *     open                                the same with one server that has greeted
 *     ask 1 getData /a watch=7            a request by a token, and who is to be told
 *     a: answer error=NoNode              a server answers the oldest request it owes an answer
 */
import { ErrorCode, encodeUtf8, WatcherType, Xid } from '@zabra/wire';
import type { Endpoint } from '../contract.ts';
import { Session } from '../session.ts';
import { type SessionSettings, sessionSettings } from '../settings.ts';
import { makeRequest } from './make-request.ts';
import { parseWords, type Words } from './script-file.ts';
import { answer, event, eventTypes, ScriptServer, welcome } from './script-server.ts';
import { showReport } from './show-report.ts';

type Verb = (words: Words) => void;
type ServerVerb = (server: ScriptServer, words: Words) => void;

const LINES_MAX = 40;
const LINES_KEPT = 4;
const STEPS_MAX = 100_000;
/** By this chance a few servers are tried in the order in which they are listed. */
const ORDERLY_SEED = 80;

const defaults = sessionSettings({ servers: [server('a')] });

const watcherTypes: ReadonlyMap<string, number> = new Map([
  ['children', WatcherType.Children],
  ['data', WatcherType.Data],
  ['any', WatcherType.Any],
  ['persistent', WatcherType.Persistent],
  ['recursive', WatcherType.PersistentRecursive],
]);

export class Script {
  #session = new Session(defaults);
  #nowMs = 0;
  #zxid = 0;
  #said: string[] = [];
  readonly #servers = new Map<number, ScriptServer>();
  readonly #verbs: ReadonlyMap<string, Verb> = new Map<string, Verb>([
    ['session', ({ options }) => this.#begin(options)],
    ['open', ({ options }) => this.#open(options)],
    ['ask', (words) => this.#session.request(makeRequest(wantedOf(words)))],
    ['askTimes', (words) => this.#askTimes(words)],
    ['abandon', ({ list }) => this.#session.abandon(Number(list[1]))],
    ['unwatch', (words) => this.#unwatch(words)],
    ['auth', ({ list }) => this.#auth(list)],
    ['respond', ({ list }) => this.#session.respond(encodeUtf8(list[1] ?? ''))],
    ['authenticated', () => this.#session.authenticated()],
    ['notAuthenticated', () => this.#session.notAuthenticated()],
    ['servers', ({ list }) => this.#session.setServers(serversOf(list[1] ?? ''))],
    ['reconnect', () => this.#session.reconnect()],
    ['close', () => this.#session.close()],
    ['detach', () => this.#session.detach()],
    ['advance', ({ list }) => this.#advance(Number(list[1]))],
    ['pass', ({ list }) => this.#pass(Number(list[1]))],
    ['show', ({ list }) => this.#show(list[1] ?? '')],
  ]);
  readonly #serverVerbs: ReadonlyMap<string, ServerVerb> = new Map<string, ServerVerb>([
    ['accept', ({ link }) => this.#session.connected(link)],
    ['refuse', (to, { list }) => this.#hangUp(to, list[1])],
    ['hangs-up', (to) => this.#hangUp(to)],
    ['greet', (to, words) => this.#greet(to, words)],
    ['answer', (to, words) => this.#answer(to, words)],
    ['pong', (to, words) => this.#reply(to, Xid.Ping, words)],
    ['acknowledge', (to, words) => this.#reply(to, Xid.Auth, words)],
    ['event', (to, words) => this.#event(to, words)],
    ['says', ({ link }, { list }) => this.#session.received(link, encodeUtf8(list[1] ?? ''))],
    ['bytes', ({ link }, { list }) => this.#session.received(link, parseHex(list.slice(1)))],
  ]);

  /** What a command says. */
  run(text: string): readonly string[] {
    const [, who, rest = ''] = /^(?:(\w+): )?(.*)$/s.exec(text) ?? [];
    const words = parseWords(rest);
    const name = words.list[0] ?? '';
    this.#session.begin(this.#nowMs);
    if (who === undefined) verbOf(this.#verbs, name)(words);
    else verbOf(this.#serverVerbs, name)(this.#serverOf(who), words);
    if (name !== 'pass') this.#turn('');
    const said = this.#said;
    this.#said = [];
    return condensed(said);
  }

  #turn(prefix: string): void {
    this.#session.turn();
    const lines: string[] = [];
    for (const order of this.#session.takeOrders()) {
      if (order.kind === 'connect') {
        this.#servers.set(order.link, new ScriptServer(order.link, order.endpoint));
        lines.push(`${order.endpoint.host} is called`);
      } else {
        lines.push(`${this.#servers.get(order.link)?.endpoint.host} is left`);
        this.#servers.delete(order.link);
      }
    }
    for (const { link, bytes } of this.#session.takeOutput()) {
      const to = this.#servers.get(link);
      for (const said of to?.receive(bytes) ?? []) lines.push(`${to?.endpoint.host} <- ${said}`);
    }
    const told = this.#session.takeReports().map(showReport);
    this.#said.push(...[...told, ...lines].map((line) => prefix + line));
  }

  /** `session servers=a,b key=value`, the keys being those of the settings. */
  #begin(options: Words['options']): void {
    const own: Record<string, unknown> = { jitterMsMax: 0, timeoutMs: 9000, seed: ORDERLY_SEED };
    for (const [key, text] of options) {
      const name = key === 'timeout' ? 'timeoutMs' : key;
      if (!(name in defaults)) throw new Error(`${key} is no setting`);
      own[name] = settingOf(text);
    }
    const servers = serversOf(options.get('servers') ?? 'a');
    const settings = sessionSettings({ ...own, servers } as Partial<SessionSettings> & {
      servers: readonly Endpoint[];
    });
    this.#session = new Session(settings);
    this.#session.begin(this.#nowMs);
    this.#session.start();
  }

  #open(options: Words['options']): void {
    this.#begin(options);
    this.#turn('');
    const to = this.#serverOf('');
    this.#session.connected(to.link);
    this.#turn('');
    const timeoutMs = this.#session.timeoutMs;
    this.#session.received(to.link, welcome({ session: 0x10n, timeoutMs }));
    this.#turn('');
    this.#said = [];
  }

  #askTimes({ list }: Words): void {
    const [, count, operation = '', path = ''] = list;
    for (let i = 0; i < Number(count); i += 1) {
      const watcher = list.includes('watch') ? i : null;
      const own = list.includes('watch') ? `${path}${i}` : path;
      this.#session.request(makeRequest({ token: i, operation, path: own, watcher }));
    }
  }

  #unwatch({ list, options }: Words): void {
    const [, token, path = '', type = ''] = list;
    const watcher = options.has('watcher') ? Number(options.get('watcher')) : null;
    this.#session.unwatch(Number(token), { path, type: watcherTypes.get(type) ?? 0, watcher });
  }

  #auth(list: Words['list']): void {
    const [, token, scheme = '', proof = ''] = list;
    this.#session.addAuth(Number(token), scheme, encodeUtf8(proof));
  }

  #advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    this.#turn('');
    for (let i = 0; i < STEPS_MAX && this.#session.wakeAt() <= untilMs; i += 1) {
      this.#nowMs = Math.max(this.#nowMs, this.#session.wakeAt());
      this.#session.begin(this.#nowMs);
      this.#turn(`[${Math.round(this.#nowMs)}] `);
    }
    this.#nowMs = untilMs;
    this.#session.begin(this.#nowMs);
  }

  #pass(byMs: number): void {
    this.#nowMs += byMs;
  }

  #show(what: string): void {
    const { figures, watchCount, pendingCount, state } = this.#session;
    if (what === 'figures') {
      for (const [name, value] of Object.entries(figures)) this.#said.push(`${name} ${value}`);
    } else this.#said.push(`${state}, ${pendingCount} pending, ${watchCount} watches`);
  }

  #serverOf(name: string): ScriptServer {
    const own = [...this.#servers.values()].filter(({ endpoint }) => {
      return name === '' || endpoint.host === name;
    });
    const last = own.at(-1);
    if (last === undefined) throw new Error(`nobody is connected to ${name}`);
    return last;
  }

  #hangUp({ link }: ScriptServer, detail?: string): void {
    this.#servers.delete(link);
    this.#session.disconnected(link, detail);
  }

  /** `expired`, `readonly`, `id=0x11`, `timeout=6000`. */
  #greet({ link }: ScriptServer, { list, options }: Words): void {
    const timeoutMs = list.includes('expired') ? 0 : Number(options.get('timeout') ?? 9000);
    const session = list.includes('expired') ? 0n : BigInt(options.get('id') ?? '0x10');
    const isReadOnly = list.includes('readonly');
    this.#session.received(link, welcome({ session, timeoutMs, isReadOnly }));
  }

  /** `answer` the oldest, `answer 3` of them or `answer all`. */
  #answer(to: ScriptServer, words: Words): void {
    const [, count = '1'] = words.list;
    const most = count === 'all' ? to.owed.length : Number(count);
    for (let i = 0; i < most; i += 1) this.#reply(to, to.owed.shift() ?? 0, words);
  }

  #reply({ link }: ScriptServer, xid: number, { options }: Words): void {
    const isOwn = xid === Xid.Ping || xid === Xid.Auth;
    const zxid = BigInt(options.get('zxid') ?? (isOwn ? 0 : this.#nextZxid()));
    const own = options.get('xid');
    const body = parseHex([options.get('body') ?? '']);
    const error = errorOf(options.get('error') ?? 'Ok');
    const given = own === undefined ? xid : Number(own);
    this.#session.received(link, answer({ xid: given, zxid, error, body }));
  }

  #event({ link }: ScriptServer, { list, options }: Words): void {
    const [, name = '', path = ''] = list;
    const zxid = BigInt(options.get('zxid') ?? this.#nextZxid());
    this.#session.received(link, event(eventTypes.get(name) ?? Number(name), path, zxid));
  }

  #nextZxid(): number {
    this.#zxid += 1;
    return this.#zxid;
  }
}

/** Of very many lines the first and the last. */
function condensed(lines: readonly string[]): readonly string[] {
  if (lines.length <= LINES_MAX) return lines;
  const left = lines.length - 2 * LINES_KEPT;
  return [...lines.slice(0, LINES_KEPT), `… ${left} more …`, ...lines.slice(-LINES_KEPT)];
}

function verbOf<V>(verbs: ReadonlyMap<string, V>, name: string): V {
  const verb = verbs.get(name);
  if (verb === undefined) throw new Error(`${name} is no command`);
  return verb;
}

function wantedOf({ list, options }: Words): Parameters<typeof makeRequest>[0] {
  const [, token, operation = '', path = ''] = list;
  const watch = options.get('watch');
  return {
    token: Number(token),
    operation,
    path,
    watcher: watch === undefined ? null : Number(watch),
    isRecursive: list.includes('recursive'),
    dataBytes: Number(options.get('size') ?? 0),
  };
}

function server(host: string): Endpoint {
  return { host, port: 2181 };
}

function serversOf(text: string): Endpoint[] {
  return text.split(',').map(server);
}

function settingOf(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^\d+$/.test(text) ? Number(text) : text;
}

function errorOf(name: string): number {
  const code = ErrorCode[name as keyof typeof ErrorCode] as number | undefined;
  return code ?? Number(name);
}

function parseHex(parts: readonly string[]): Uint8Array {
  const digits = parts.join('').replaceAll(/[^0-9a-f]/g, '');
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
}
