/**
 * Plays scripts. After every command the server comes to rest, unless its disk is held; what left it
 * until then is what the command says.
 *
 *     open alice                       a connection and a session
 *     alice: create /a                 a request; `alice: pipeline` sends those below it in one chunk
 *     hold disk, answer, release disk  what is not answered is not safe
 *     set back 5000                    the wall clock, by so many ms
 */
import { encodeUtf8 } from '@zabra/wire';
import { ScriptBody } from './script-body.ts';
import type { ScriptClient } from './script-client.ts';
import { type Command, parseWords, type Words } from './script-file.ts';
import { parseHex, parseRequest } from './script-requests.ts';
import { scriptSettings } from './script-settings.ts';

type Verb = (words: Words, command: Command) => void;
type ClientVerb = (client: ScriptClient, words: Words, command: Command) => void;

const ADDRESS = '127.0.0.1';
const NO_PASSWORD = new Uint8Array(16);

export class Script {
  #settings = scriptSettings();
  #body = new ScriptBody(this.#settings, false);
  readonly #verbs: ReadonlyMap<string, Verb> = new Map<string, Verb>([
    ['world', ({ options }) => this.#makeWorld(options)],
    ['open', (words) => this.#open(words)],
    ['connect', (words) => void this.#connect(words)],
    ['disconnect', ({ list }) => this.#body.disconnect(list[1] ?? '')],
    ['word', (words) => this.#sayWord(words)],
    ['hold', () => this.#hold(true)],
    ['release', () => this.#hold(false)],
    ['answer', () => this.#body.answerDisk()],
    ['fail', ({ list }) => this.#body.failDisk(list.slice(2).join(' '))],
    ['show', () => this.#show(true)],
    ['advance', ({ list }) => this.#body.advance(Number(list[1]))],
    ['pass', ({ list }) => this.#body.pass(Number(list[1]))],
    ['snapshot', () => void this.#body.replica.snapshotNow()],
    ['set', ({ list }) => this.#setBack(Number(list[2]))],
    ['restart', ({ options }) => this.#restart(options)],
  ]);
  readonly #clientVerbs: ReadonlyMap<string, ClientVerb> = new Map<string, ClientVerb>([
    ['hello', (client, words) => this.#greet(client, words)],
    ['pipeline', (client, _words, command) => this.#pipeline(client, command)],
    ['bytes', (client, { list }) => this.#body.send(client, parseHex(list.slice(1).join('')))],
    ['repeat', (client, words) => this.#repeat(client, words)],
    ['begin', (client, words) => this.#beginFrame(client, words)],
    ['end', (client) => this.#body.endSending(client)],
    ['stops', (client) => client.stopReading()],
    ['reads', (client) => this.#body.readAgain(client)],
  ]);

  /** What a command says. */
  run(command: Command): string[] {
    const [, who, text = ''] = /^(?:(\w+): )?(.*)$/s.exec(command.text) ?? [];
    const words = parseWords(text);
    if (who === undefined) this.#verb(words.list[0] ?? '')(words, command);
    else this.#runAs(this.#body.client(who), words, command);
    if (words.list[0] !== 'pass') this.#body.settle();
    const said = this.#body.takeSaid();
    return words.list[0] === 'repeat' ? [`${who} <- ${said.length} answers`] : said;
  }

  #verb(name: string): Verb {
    const verb = this.#verbs.get(name);
    if (verb === undefined) throw new Error(`${name} is no command`);
    return verb;
  }

  #runAs(client: ScriptClient, words: Words, command: Command): void {
    const verb = this.#clientVerbs.get(words.list[0] ?? '');
    if (verb !== undefined) verb(client, words, command);
    else this.#body.send(client, this.#request(client, words));
  }

  #request(client: ScriptClient, words: Words): Uint8Array {
    const request = parseRequest(words);
    if (request === undefined) throw new Error(`${words.list.join(' ')} is no request`);
    return client.ask(request);
  }

  #makeWorld(options: Words['options']): void {
    this.#settings = scriptSettings(options);
    this.#body = new ScriptBody(this.#settings, this.#body.showsDisk);
  }

  #restart(options: Words['options']): void {
    if (options.size > 0) this.#settings = scriptSettings(options);
    const problem = this.#body.restart(this.#settings);
    if (problem !== null) throw new Error(problem);
  }

  #open(words: Words): void {
    this.#greet(this.#connect(words), words);
  }

  /** `connect alice text` will be sent text, not frames. */
  #connect({ list, options }: Words): ScriptClient {
    const client = this.#body.connect(list[1] ?? '', options.get('from') ?? ADDRESS);
    client.isWord = list.includes('text');
    return client;
  }

  /**
   * `session=bob` comes back with bob's id and password, `password=wrong` with another one, and
   * `id=0x1` is a session by number.
   */
  #greet(client: ScriptClient, { list, options }: Words): void {
    const known = this.#body.sessions.of(options.get('session') ?? '');
    const id = options.get('id');
    const hello = client.hello({
      timeoutMs: Number(options.get('timeout') ?? 10_000),
      zxidSeen: BigInt(options.get('zxid') ?? 0),
      session: id === undefined ? (known?.session ?? 0n) : BigInt(id),
      password: options.has('password') ? NO_PASSWORD : (known?.password ?? NO_PASSWORD),
      isOld: list.includes('old'),
    });
    this.#body.send(client, hello);
  }

  #pipeline(client: ScriptClient, { parts }: Command): void {
    const chunks = parts.map((part) => this.#request(client, parseWords(part)));
    this.#body.send(client, Uint8Array.from(chunks.flatMap((chunk) => [...chunk])));
  }

  /** `repeat 100 ping`: so many at once, whose answers are only counted. */
  #repeat(client: ScriptClient, { list, options }: Words): void {
    const words = { list: list.slice(2), options };
    for (let i = 0; i < Number(list[1]); i += 1) {
      this.#body.send(client, this.#request(client, words));
    }
  }

  /** `begin 1000 with=10`: the length of a frame and the first bytes of it. */
  #beginFrame(client: ScriptClient, { list, options }: Words): void {
    const bytes = new Uint8Array(4 + Number(options.get('with') ?? 0));
    new DataView(bytes.buffer).setInt32(0, Number(list[1]));
    this.#body.send(client, bytes);
  }

  /** `word stmk 00000000000000ff`: a connection for a four-letter word, and what follows it. */
  #sayWord({ list, options }: Words): void {
    const [, word = '', hex = ''] = list;
    const client = this.#connect({ list: ['connect', 'word', 'text'], options });
    this.#body.send(client, encodeUtf8(word));
    if (hex !== '') this.#body.send(client, parseHex(hex));
  }

  #setBack(ms: number): void {
    this.#body.setBackMs += ms;
  }

  #hold(isHeld: boolean): void {
    this.#body.isDiskHeld = isHeld;
  }

  #show(shows: boolean): void {
    this.#body.showsDisk = shows;
  }
}
