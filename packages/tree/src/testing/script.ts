/**
 * Plays scripts: a client called `me` is there from the start, with a session and no identity; a
 * command of another client has the name in front, `alice: create /a`.
 *
 * Writes are applied at once, except below `pipeline`, where all are prepared before any is applied,
 * and after `prepare`, which leaves that to `apply`.
 */
import { assert, errorName } from '@zabra/wire';
import type { Identity } from '../acl/identity.ts';
import { DigestCheck } from '../apply.ts';
import { reads } from '../operations/table.ts';
import { Field, refreshVisibleCversion } from '../record.ts';
import type { TreeSettings } from '../settings.ts';
import { type Command, parseWords, type Words } from './script-file.ts';
import { eventName, parseHex, quote } from './script-format.ts';
import { formatRead, parseRead } from './script-reads.ts';
import { parseTransaction } from './script-replay.ts';
import {
  showCounts,
  showLists,
  showQuotas,
  showStat,
  showTransaction,
  showTree,
  showWatches,
} from './script-show.ts';
import { formatOutcome, parseWrite } from './script-writes.ts';
import { Client, encodeRequest, type Heard, World } from './world.ts';

type Verb = (words: Words, command: Command) => string[];

const checkNames = new Map<number, string>([
  [DigestCheck.None, 'no digest'],
  [DigestCheck.Equal, 'digest equal'],
  [DigestCheck.Different, 'digest different'],
]);

/** Settings a `world` command may switch on by name. */
const switches: ReadonlyMap<string, Partial<TreeSettings>> = new Map<string, Partial<TreeSettings>>(
  [
    ['extendedTypes', { extendedTypes: true }],
    ['enforceQuota', { enforceQuota: true }],
    ['skipAcl', { skipAcl: true }],
    ['withoutDigest', { digestEnabled: false }],
    ['withoutClosePaths', { closeSessionPaths: false }],
    ['withoutDigestScheme', { digestSchemeEnabled: false }],
    ['reconfigEnabled', { reconfigEnabled: true }],
  ],
);

const patchable: ReadonlyMap<string, number> = new Map([
  ['version', Field.Version],
  ['cversion', Field.Cversion],
  ['aversion', Field.Aversion],
]);

export class Script {
  #world = new World();
  readonly #clients = new Map<string, Client>();
  readonly #prepared: { readonly who: string; readonly command: Command }[] = [];
  readonly #verbs: ReadonlyMap<string, Verb> = new Map<string, Verb>([
    ['world', (words) => this.#makeWorld(words)],
    ['connect', (words) => this.#connect(words)],
    ['authenticate', (words) => this.#authenticate(words)],
    ['open', (words) => this.#open(words)],
    ['disconnect', (words) => this.#disconnect(words)],
    ['pipeline', (_, command) => this.#pipeline(command)],
    ['prepare', (words, command) => this.#prepare(words, command)],
    ['apply', () => this.#apply()],
    ['replay', (_, command) => this.#replay(command)],
    ['raw', (words) => this.#raw(words)],
    ['patch', (words) => this.#patch(words)],
    ['advance', (words) => this.#advance(words)],
    ['stat', (words) => showStat(this.#world, words.list[1] ?? '/')],
    ['tree', () => showTree(this.#world)],
    ['watches', () => showWatches(this.#world)],
    ['lists', () => showLists(this.#world)],
    ['quotas', () => showQuotas(this.#world)],
    ['counts', () => [showCounts(this.#world)]],
    ['txn', () => showTransaction(this.#world)],
    ['digest', () => [`digest -> ${this.#world.tree.digest.toBigInt().toString(16)}`]],
  ]);
  #who = 'me';

  constructor() {
    this.#clients.set('me', this.#world.connect('me'));
  }

  /** What a command says. */
  run(command: Command): string[] {
    const [, who = 'me', text = ''] = /^(?:(\w+): )?(.*)$/s.exec(command.text) ?? [];
    this.#who = who;
    return this.#runAs({ text, parts: command.parts });
  }

  #runAs(command: Command): string[] {
    const words = parseWords(command.text);
    const verb = this.#verbs.get(words.list[0] ?? '');
    if (verb !== undefined) return verb(words, command);
    const read = parseRead(command);
    if (read !== null) {
      const outcome = this.#world.read(this.#client(), read.type, read.body);
      const lines = formatRead(this.#world, command, outcome);
      return [...heardLines(outcome.heard), ...named(this.#who, lines)];
    }
    return this.#propose(command) ?? this.#apply();
  }

  #client(name = this.#who): Client {
    const client = this.#clients.get(name);
    assert(client !== undefined, `${name} is connected`);
    return client;
  }

  /** Prepares a write; what it says if it could not be understood, else null. */
  #propose(command: Command): string[] | null {
    const write = parseWrite(command);
    assert(write !== null, `${command.text} is a command`);
    const { type: opcode, body } = write;
    const zxid = this.#world.proposeBytes(this.#client(), opcode, encodeRequest(opcode, body));
    if (zxid === null) {
      const error = -5;
      const outcome = { opcode, error, zxid, body: new Uint8Array(0), heard: [] };
      return named(this.#who, formatOutcome(this.#world, command, outcome));
    }
    this.#prepared.push({ who: this.#who, command });
    return null;
  }

  #apply(): string[] {
    const prepared = this.#prepared.shift();
    if (prepared === undefined) return ['apply -> nothing to do'];
    const outcome = this.#world.applyNext();
    const lines = formatOutcome(this.#world, prepared.command, outcome);
    return [...heardLines(outcome.heard), ...named(prepared.who, lines)];
  }

  #pipeline({ parts }: Command): string[] {
    const lines = parts.flatMap((part) => {
      const [, who = 'me', text = ''] = /^(?:(\w+): )?(.*)$/s.exec(part.text) ?? [];
      this.#who = who;
      return this.#propose({ text, parts: part.parts }) ?? [];
    });
    while (this.#prepared.length > 0) lines.push(...this.#apply());
    return lines;
  }

  #prepare({ list }: Words, command: Command): string[] {
    const text = command.text.replace(/^prepare /, '');
    const refused = this.#propose({ text, parts: command.parts });
    return refused ?? named(this.#who, [`${list.join(' ')} -> zxid ${this.#world.zxid}`]);
  }

  #makeWorld({ list, options }: Words): string[] {
    const settings: Partial<TreeSettings>[] = list.slice(1).map((name) => {
      const setting = switches.get(name);
      assert(setting !== undefined, `${name} is a setting`);
      return setting;
    });
    const txnBytesMax = options.get('txnBytesMax');
    if (txnBytesMax !== undefined) settings.push({ txnBytesMax: Number(txnBytesMax) });
    this.#world = new World(Object.assign({}, ...settings));
    this.#clients.clear();
    this.#clients.set('me', this.#world.connect('me'));
    return [list.join(' ')];
  }

  /** `session=alice` is another connection of her session. */
  #connect({ list, options }: Words): string[] {
    const name = list[1] ?? '';
    const other = options.get('session');
    const identities = identitiesOf(list, options);
    const client =
      other === undefined
        ? this.#world.connect(name, identities, Number(options.get('timeout') ?? 10_000))
        : new Client(name, this.#client(other).session, identities);
    this.#clients.set(name, client);
    return [`connect ${name}`];
  }

  #authenticate({ list, options }: Words): string[] {
    const client = this.#client();
    client.identities = client.identities.with(identitiesOf(list, options));
    const all = client.identities.list.map(({ scheme, id }) => `${scheme}:${id}`);
    return [`authenticate -> ${all.join(' ')}`];
  }

  #open({ list, options }: Words): string[] {
    const name = list[1] ?? '';
    this.#clients.set(name, this.#world.open(name, Number(options.get('timeout') ?? 10_000)));
    return [`open ${name} -> zxid ${this.#world.zxid}`];
  }

  #disconnect({ list }: Words): string[] {
    const name = list[1] ?? this.#who;
    this.#world.watches.removeAll(this.#client(name));
    this.#clients.delete(name);
    return [`disconnect ${name}`];
  }

  #replay(command: Command): string[] {
    const world = this.#world;
    const txn = parseTransaction(command, this.#client(), world.zxid + 1n);
    const check = world.replay(txn);
    const heard = heardLines(world.takeHeard());
    const [, verb = '', path = ''] = parseWords(command.text).list;
    const title = path === '' ? verb : `${verb} ${quote(path)}`;
    const said = `replay ${title} -> zxid ${txn.header.zxid}, ${checkNames.get(check)}`;
    return [...heard, ...named(this.#who, [said])];
  }

  /** `raw OPCODE HEX`: a body that no codec would write. */
  #raw({ list }: Words): string[] {
    const opcode = Number(list[1]);
    const body = parseHex(list.slice(2).join(''));
    const outcome = reads.has(opcode)
      ? this.#world.readBytes(this.#client(), opcode, body)
      : this.#world.writeBytes(this.#client(), opcode, body);
    const zxid = outcome.zxid === null ? 'no zxid' : `zxid ${outcome.zxid}`;
    const hex = Array.from(outcome.body, (byte) => byte.toString(16).padStart(2, '0')).join('');
    const said = `raw ${opcode} -> ${errorName(outcome.error)}, ${zxid}`;
    return [...heardLines(outcome.heard), hex === '' ? said : `${said}, ${hex}`];
  }

  /** Sets counters that would take long to reach. */
  #patch({ list, options }: Words): string[] {
    const { tree, pending } = this.#world;
    const row = tree.findPath(list[1] ?? '');
    const at = tree.offsetOf(row);
    tree.beforeChange(row);
    for (const [name, value] of options) {
      const field = patchable.get(name);
      assert(field !== undefined, `${name} can be set`);
      tree.viewOf(row).setInt32(at + field, Number(value));
    }
    refreshVisibleCversion(tree.viewOf(row), at);
    tree.afterChange(row);
    pending.digest.copyFrom(tree.digest);
    const said = [...options].map(([name, value]) => `${name}=${value}`).join(' ');
    return [`patch ${list[1]} ${said}`];
  }

  /** Lets time pass, and says whose session has run out by then. */
  #advance({ list }: Words): string[] {
    const { sessions } = this.#world;
    sessions.advance(Number(list[1]));
    const names = sessions.takeExpired().map(({ high, low }) => {
      const id = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
      return this.#world.nameOf(id) ?? '?';
    });
    return [`advance ${list[1]} -> ${names.length === 0 ? 'nobody' : names.sort().join(', ')}`];
  }
}

function identitiesOf(list: readonly string[], options: Words['options']): Identity[] {
  const schemes = [...options].filter(([key]) => key !== 'session' && key !== 'timeout');
  const identities = schemes.map(([scheme, id]) => ({ scheme, id }));
  return list.includes('super') ? [...identities, { scheme: 'super', id: '' }] : identities;
}

/** The client in front, as in the command; `me` goes without saying. */
function named(who: string, [first = '', ...rest]: readonly string[]): string[] {
  return [who === 'me' ? first : `${who}: ${first}`, ...rest];
}

function heardLines(heard: readonly Heard[]): string[] {
  return heard.map(({ who, type, path }) => `${who.name} hears ${eventName(type)} ${quote(path)}`);
}
