/**
 * A world of one server: the replica that ships, a disk that forgets, clients, and a clock that
 * moves only when told. It is a body like the one on Node, and does the same in the same order.
 */
import { Recovery, Replica, type ReplicaSettings } from '@zabra/replica';
import { type DiskOptions, SimDisk, type Survival } from './disk.ts';
import { SimClient } from './sim-client.ts';

export interface WorldOptions {
  readonly settings: ReplicaSettings;
  readonly disk?: DiskOptions;
}

/** Any moment after the epoch will do. */
const WALL_START_MS = 1_700_000_000_000;
/** Turns in which nothing happens any more, or something never will. */
const SETTLE_STEPS_MAX = 100_000;

export class World {
  readonly disk: SimDisk;
  readonly notices: string[] = [];
  stopReason: string | null = null;
  #replica!: Replica;
  readonly #settings: ReplicaSettings;
  readonly #clients = new Map<number, SimClient>();
  #nextClient = 1;
  #nowMs = 1000;

  constructor(options: WorldOptions) {
    this.#settings = options.settings;
    this.disk = new SimDisk(options.disk ?? { syncs: true });
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
    this.#replica = new Replica(this.#settings, database);
    this.disk.onDone((ticket) => {
      this.#begin();
      this.#replica.diskDone(ticket);
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
  }

  connect(): SimClient {
    const client = new SimClient(this.#nextClient);
    this.#nextClient += 1;
    this.#clients.set(client.id, client);
    this.#begin();
    this.#replica.connected(client.id, '127.0.0.1', 10_000 + client.id);
    return client;
  }

  disconnect(client: SimClient): void {
    client.isClosed = true;
    this.#clients.delete(client.id);
    this.#begin();
    this.#replica.disconnected(client.id);
  }

  /** Bytes of a client reach the server. */
  send(client: SimClient, bytes: Uint8Array): void {
    this.#begin();
    this.#replica.received(client.id, bytes);
  }

  turn(): void {
    this.#begin();
    this.#replica.turn();
    for (const order of this.#replica.takeDisk()) this.disk.perform(order);
    for (const output of this.#replica.takeClient()) {
      this.#clients.get(output.connection)?.receive(output.bytes.subarray(0, output.byteCount));
      this.#replica.recycle(output);
    }
    for (const order of this.#replica.takeOrders()) {
      if (order.kind === 'close') this.#close(order.connection);
      else if (order.kind === 'notice') this.notices.push(order.text);
      else if (order.kind === 'stop') this.stopReason = order.reason;
    }
  }

  /** Turns and disk steps until nothing is left to do at this moment. */
  settle(): void {
    for (let i = 0; i < SETTLE_STEPS_MAX; i += 1) {
      this.turn();
      if (!this.disk.step() && this.#replica.wakeAt() > this.#nowMs) return;
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
    this.#nowMs = untilMs;
    this.settle();
  }

  #begin(): void {
    this.#replica.begin(this.#nowMs, WALL_START_MS + this.#nowMs);
  }

  #close(id: number): void {
    const client = this.#clients.get(id);
    if (client !== undefined) this.disconnect(client);
  }
}
