/**
 * A body for scripts: one mind, a clock that moves when it is told, a disk that answers when it is
 * let, and clients. It writes down, in their order, everything that leaves.
 */
import type { ClientOutput, Order } from '../contract.ts';
import { Recovery } from '../recovery.ts';
import { Replica } from '../replica.ts';
import type { ReplicaSettings } from '../settings.ts';
import { ScriptClient, SessionBook } from './script-client.ts';
import { ScriptDisk } from './script-disk.ts';
import { scriptFacts } from './script-facts.ts';

const WALL_START_MS = 1_700_000_000_000;
/** A multiple of no tick, so that rounding shows. */
const START_MS = 10_500;
const SETTLE_TURNS_MAX = 100_000;
/** What is due within this is waited for. */
const MOMENT_MS = 0.5;

export class ScriptBody {
  readonly clients: Map<string, ScriptClient> = new Map();
  readonly sessions: SessionBook = new SessionBook();
  /** Everything that has left since this was last taken. */
  #said: string[] = [];
  readonly #disk = new ScriptDisk();
  readonly #unsent: ClientOutput[] = [];
  #settings: ReplicaSettings;
  #replica!: Replica;
  #nowMs = START_MS;
  #nextId = 1;
  isDiskHeld = false;
  /** So much the wall clock has been set back. */
  setBackMs = 0;
  showsDisk: boolean;

  constructor(settings: ReplicaSettings, showsDisk: boolean) {
    this.#settings = settings;
    this.showsDisk = showsDisk;
    this.#start();
    this.settle();
  }

  get replica(): Replica {
    return this.#replica;
  }

  /** Bytes that clients do not read. */
  get unsentBytes(): number {
    return this.#unsent.reduce((sum, { byteCount }) => sum + byteCount, 0);
  }

  takeSaid(): string[] {
    const said = this.#said;
    this.#said = [];
    return said;
  }

  connect(name: string, address: string): ScriptClient {
    const client = new ScriptClient(name, this.#nextId, this.sessions);
    this.#nextId += 1;
    this.clients.set(name, client);
    this.#begin();
    this.#replica.connected(client.id, address, 40_000 + client.id);
    return client;
  }

  disconnect(name: string): void {
    const client = this.client(name);
    this.clients.delete(name);
    this.#begin();
    for (const output of this.#unsent.splice(0)) {
      if (output.connection === client.id) this.#replica.recycle(output);
      else this.#unsent.push(output);
    }
    this.#replica.disconnected(client.id);
  }

  client(name: string): ScriptClient {
    const client = this.clients.get(name);
    if (client === undefined) throw new Error(`${name} is not connected`);
    return client;
  }

  send(client: ScriptClient, bytes: Uint8Array): void {
    this.#begin();
    this.#replica.received(client.id, bytes);
  }

  endSending(client: ScriptClient): void {
    this.#begin();
    this.#replica.ended(client.id);
  }

  /** A client that did not read takes a little of what waits for it. */
  takeSome(client: ScriptClient): void {
    this.#begin();
    for (const output of this.#unsent) {
      if (output.connection === client.id) this.#replica.sent(output, 1);
    }
  }

  /** A client that did not read takes what waits for it. */
  readAgain(client: ScriptClient): void {
    client.isReading = true;
    this.#begin();
    for (const output of this.#unsent.splice(0)) {
      if (output.connection === client.id) this.#send(output);
      else this.#unsent.push(output);
    }
  }

  answerDisk(): void {
    const ticket = this.#disk.next();
    if (ticket === null) return;
    this.#begin();
    this.#replica.diskDone(ticket);
  }

  failDisk(what: string): void {
    this.#begin();
    this.#replica.diskFailed(what);
  }

  /** The process ends and another starts from what the disk has done. */
  restart(settings: ReplicaSettings): string | null {
    this.#disk.drop();
    this.clients.clear();
    this.#unsent.length = 0;
    this.#settings = settings;
    return this.#start();
  }

  /** Turns, and answers of the disk unless it is held, until nothing is left to do. */
  settle(): void {
    for (let i = 0; i < SETTLE_TURNS_MAX; i += 1) {
      this.turn();
      const ticket = this.isDiskHeld ? null : this.#disk.next();
      if (ticket !== null) {
        this.#begin();
        this.#replica.diskDone(ticket);
        continue;
      }
      const wakeAtMs = this.#replica.wakeAt();
      if (wakeAtMs > this.#nowMs + MOMENT_MS) return;
      this.#nowMs = Math.max(this.#nowMs, wakeAtMs);
    }
    throw new Error('the mind does not come to rest');
  }

  /** Moves the clock, waking the mind whenever it asked for it. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (let next = this.#replica.wakeAt(); next <= untilMs; next = this.#replica.wakeAt()) {
      this.#nowMs = Math.max(this.#nowMs, next);
      this.settle();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
    this.settle();
  }

  /** Moves the clock without waking anybody. */
  pass(byMs: number): void {
    this.#nowMs += byMs;
  }

  turn(): void {
    this.#begin();
    const replica = this.#replica;
    replica.turn();
    for (const order of replica.takeDisk()) {
      const said = this.#disk.perform(order);
      if (this.showsDisk) this.#said.push(`disk: ${said}`);
    }
    for (const output of replica.takeClient()) this.#send(output);
    for (const order of replica.takeOrders()) this.#perform(order);
  }

  #start(): string | null {
    const { tree, hashKey, tickMs } = this.#settings;
    const recovery = new Recovery({ tree, hashKey, tickMs });
    const problem = this.#disk.recover(recovery);
    if (problem !== null) return problem;
    const database = recovery.finish();
    if (typeof database === 'string') return database;
    this.#replica = new Replica(this.#settings, database);
    this.#begin();
    this.#replica.start(database.replayed > 0);
    return null;
  }

  #begin(): void {
    this.#replica.begin(this.#nowMs, WALL_START_MS - this.setBackMs + Math.floor(this.#nowMs));
  }

  #send(output: ClientOutput): void {
    const client = this.#byId(output.connection);
    if (client?.isReading === false) {
      this.#unsent.push(output);
      return;
    }
    const bytes = output.bytes.subarray(0, output.byteCount);
    this.#said.push(...(client?.receive(bytes) ?? []));
    this.#replica.recycle(output);
  }

  #perform(order: Order): void {
    switch (order.kind) {
      case 'notice': {
        const told = Object.entries(order.facts).map(([key, fact]) => `${key}=${this.#name(fact)}`);
        this.#said.push([`notice: ${order.text}`, ...told].join(', '));
        return;
      }
      case 'stop':
        this.#said.push(`the server has ended: ${order.reason}`);
        return;
      case 'word':
        this.#replica.answerWord(order.connection, order.word, scriptFacts);
        this.turn();
        return;
      default:
        this.#performOn(order);
    }
  }

  #performOn(order: Order & { readonly connection: number }): void {
    const client = this.#byId(order.connection);
    if (client === undefined) return;
    const { name } = client;
    if (order.kind === 'close' || order.kind === 'cut') {
      const isQuiet = order.reason === null;
      this.#said.push(isQuiet ? `${name} is closed` : `${name} is closed: ${order.reason}`);
      this.disconnect(name);
    } else {
      this.#said.push(`${name} is ${order.kind === 'pause' ? 'not read' : 'read again'}`);
    }
  }

  /** Sessions by their names. */
  #name(fact: string | number): string {
    const id = /^0x[0-9a-f]+$/.test(String(fact)) ? BigInt.asIntN(64, BigInt(fact)) : null;
    return (id === null ? undefined : this.sessions.nameOf(id)) ?? String(fact);
  }

  #byId(id: number): ScriptClient | undefined {
    for (const client of this.clients.values()) if (client.id === id) return client;
    return undefined;
  }
}
