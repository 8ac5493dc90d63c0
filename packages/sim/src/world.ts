/**
 * A world of one server: the replica that ships, a disk that forgets, clients, and a clock that
 * moves only when told. It is a body like the one on Node, and does the same in the same order.
 */
import {
  type ClientOutput,
  type Database,
  type DiskOrder,
  type HostFacts,
  type Order,
  Recovery,
  Replica,
  type ReplicaSettings,
} from '@zabra/replica';
import { SimDisk } from './disk.ts';
import { SimClient } from './sim-client.ts';
import type { Survival } from './sim-directory.ts';

/** Whoever wants to know everything that happens. */
export interface WorldObserver {
  /** A server starts from this. */
  onRecovered?(database: Database): void;
  onDisk?(order: DiskOrder): void;
  onOutput?(connection: number, bytes: Uint8Array): void;
  onOrder?(order: Order): void;
}

export interface WorldOptions {
  readonly settings: ReplicaSettings;
  /** Whatever is on it already is what the server starts from. */
  readonly disk?: SimDisk;
  readonly observer?: WorldObserver;
  /** The monotonic clock at the start, after which the wall clock goes too. */
  readonly nowMs?: number;
}

/** Any moment after the epoch will do. */
const WALL_START_MS = 1_700_000_000_000;
/** Turns in which nothing happens any more, or something never will. */
const SETTLE_STEPS_MAX = 100_000;
/** What is due within this is waited for. */
const MOMENT_MS = 0.5;
/** A machine is not back in no time; ids of sessions rely on that. */
const REBOOT_MS = 1000;

const facts: HostFacts = {
  configuration: [['clientPort', 2181]],
  environment: [['host.name', 'world']],
  snapshotBytes: 0,
  logBytes: 0,
  openFiles: 0,
  openFilesMax: 0,
};

export class World {
  readonly disk: SimDisk;
  readonly notices: string[] = [];
  stopReason: string | null = null;
  #replica!: Replica;
  readonly #settings: ReplicaSettings;
  readonly #observer: WorldObserver;
  readonly #clients = new Map<number, SimClient>();
  /** Output that clients have not taken, because they do not read. */
  readonly #untaken = new Map<number, ClientOutput[]>();
  #nextClient = 1;
  #nowMs: number;

  constructor(options: WorldOptions) {
    this.#settings = options.settings;
    this.#observer = options.observer ?? {};
    this.#nowMs = options.nowMs ?? 1000;
    this.disk = options.disk ?? new SimDisk();
    const problem = this.start();
    if (problem !== null) throw new Error(problem);
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  get replica(): Replica {
    return this.#replica;
  }

  /** Starts the server from what is on the disk; why it refuses, or null. */
  start(): string | null {
    const { tree, hashKey, tickMs } = this.#settings;
    const recovery = new Recovery({ tree, hashKey, tickMs });
    const problem = this.disk.recover(recovery);
    if (problem !== null) return problem;
    const database = recovery.finish();
    if (typeof database === 'string') return database;
    this.#observer.onRecovered?.(database);
    this.#replica = new Replica(this.#settings, database);
    this.disk.onAnswer((answer) => {
      if (answer.kind !== 'done') return;
      this.#begin();
      this.#replica.diskDone(answer.ticket);
    });
    this.#begin();
    this.#replica.start(database.replayed > 0);
    this.turn();
    return null;
  }

  /** The power goes: memory is lost, the disk keeps what it must and some of the rest. */
  cutPower(survival: Survival): void {
    this.disk.cutPower(survival);
    for (const client of this.#clients.values()) client.isClosed = true;
    this.#clients.clear();
    this.#untaken.clear();
    this.#nowMs += REBOOT_MS;
  }

  connect(address = '127.0.0.1'): SimClient {
    const client = new SimClient(this.#nextClient);
    this.#nextClient += 1;
    this.#clients.set(client.id, client);
    this.#begin();
    this.#replica.connected(client.id, address, 10_000 + client.id);
    return client;
  }

  disconnect(client: SimClient): void {
    client.isClosed = true;
    this.#clients.delete(client.id);
    this.#begin();
    this.#replica.disconnected(client.id);
    this.#recycle(client.id);
  }

  /** Bytes of a client reach the server. */
  send(client: SimClient, bytes: Uint8Array): void {
    this.#begin();
    this.#replica.received(client.id, bytes);
  }

  /** The client sends no more, but listens on. */
  endSending(client: SimClient): void {
    this.#begin();
    this.#replica.ended(client.id);
  }

  /** The client takes nothing of what it is sent until it reads again. */
  stopReading(client: SimClient): void {
    this.#untaken.set(client.id, []);
  }

  readAgain(client: SimClient): void {
    const outputs = this.#untaken.get(client.id) ?? [];
    for (const output of outputs) this.#deliver(client, output);
    this.#begin();
    this.#recycle(client.id);
  }

  turn(): void {
    this.#begin();
    this.#replica.turn();
    for (const order of this.#replica.takeDisk()) {
      this.#observer.onDisk?.(order);
      this.disk.perform(order);
    }
    for (const output of this.#replica.takeClient()) this.#send(output);
    const orders = this.#replica.takeOrders();
    for (const order of orders) this.#perform(order);
    // What the host was asked for is an input again.
    if (orders.some(({ kind }) => kind === 'word')) this.turn();
  }

  /** Turns and disk steps until nothing is left to do at this moment. */
  settle(): void {
    for (let i = 0; i < SETTLE_STEPS_MAX; i += 1) {
      this.turn();
      if (this.disk.step()) continue;
      const wakeAtMs = this.#replica.wakeAt();
      if (wakeAtMs > this.#nowMs + MOMENT_MS) return;
      this.#nowMs = Math.max(this.#nowMs, wakeAtMs);
    }
    throw new Error('the world does not come to rest');
  }

  /** Moves the clock, waking the server whenever something is due on the way. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (;;) {
      this.settle();
      const wakeAtMs = this.#replica.wakeAt();
      if (wakeAtMs > untilMs) break;
      this.#nowMs = Math.max(wakeAtMs, this.#nowMs);
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
    this.settle();
  }

  /** Moves the clock while nothing is done, as for a process that was stopped. */
  pass(byMs: number): void {
    this.#nowMs += byMs;
  }

  #begin(): void {
    this.#replica.begin(this.#nowMs, WALL_START_MS + Math.floor(this.#nowMs));
  }

  #send(output: ClientOutput): void {
    const untaken = this.#untaken.get(output.connection);
    if (untaken !== undefined) {
      untaken.push(output);
      return;
    }
    const client = this.#clients.get(output.connection);
    if (client !== undefined) this.#deliver(client, output);
    this.#replica.recycle(output);
  }

  #deliver(client: SimClient, output: ClientOutput): void {
    const bytes = output.bytes.subarray(0, output.byteCount);
    this.#observer.onOutput?.(client.id, bytes);
    client.receive(bytes);
  }

  #recycle(connection: number): void {
    const outputs = this.#untaken.get(connection) ?? [];
    this.#untaken.delete(connection);
    for (const output of outputs) this.#replica.recycle(output);
  }

  #perform(order: Order): void {
    this.#observer.onOrder?.(order);
    if (order.kind === 'close' || order.kind === 'cut') this.#close(order.connection);
    else if (order.kind === 'notice') this.notices.push(order.text);
    else if (order.kind === 'stop') this.stopReason = order.reason;
    else if (order.kind === 'word') {
      this.#replica.answerWord(order.connection, order.word, facts);
    } else {
      const client = this.#clients.get(order.connection);
      if (client !== undefined) client.isPaused = order.kind === 'pause';
    }
  }

  #close(id: number): void {
    const client = this.#clients.get(id);
    if (client !== undefined) this.disconnect(client);
  }
}
