/** A body for one member of an ensemble in a script: its mind, its disk and its clients. */
import type { QuorumOutput } from '@zabra/zab';
import type { ClientOutput, EnsembleDoor, Order } from '../contract.ts';
import type { Membership } from '../membership.ts';
import { type Database, Recovery } from '../recovery.ts';
import { Replica } from '../replica.ts';
import type { ReplicaSettings } from '../settings.ts';
import type { DiskAnswer, MemberDisk } from './member-disk.ts';
import { ScriptClient, type SessionBook } from './script-client.ts';
import { scriptFacts } from './script-facts.ts';

const WALL_START_MS = 1_700_000_000_000;

export class MemberBody {
  readonly id: number;
  readonly replica: Replica;
  readonly door: EnsembleDoor;
  readonly disk: MemberDisk;
  readonly clients: Map<string, ScriptClient> = new Map();
  isDiskHeld = false;
  /** How far its wall clock is ahead of the right time. */
  wallAheadMs = 0;
  #said: string[] = [];
  #notices: string[] = [];
  readonly #settings: ReplicaSettings;
  #nextClient = 1;

  constructor(
    id: number,
    settings: ReplicaSettings,
    membership: Omit<Membership, 'data'>,
    disk: MemberDisk,
    nowMs: number,
  ) {
    this.id = id;
    this.disk = disk;
    this.#settings = settings;
    const database = this.#recover();
    this.replica = new Replica(settings, database, { ...membership, data: disk.memberData });
    this.door = this.replica.ensemble!;
    this.replica.begin(nowMs, WALL_START_MS + Math.round(nowMs));
    this.replica.start(database.replayed > 0);
  }

  takeSaid(): string[] {
    const said = this.#said;
    this.#said = [];
    return said;
  }

  takeNotices(): string[] {
    const notices = this.#notices;
    this.#notices = [];
    return notices;
  }

  begin(nowMs: number): void {
    this.replica.begin(nowMs, WALL_START_MS + Math.round(nowMs) + this.wallAheadMs);
  }

  /** Runs a turn; the bytes that leave for the other servers are taken by the net. */
  turn(): void {
    const { replica } = this;
    replica.turn();
    for (const order of replica.takeDisk()) this.disk.perform(order);
    for (const output of replica.takeClient()) this.#send(output);
    for (const order of replica.takeOrders()) this.#perform(order);
  }

  get hasDiskWork(): boolean {
    return !this.isDiskHeld && !this.disk.isIdle;
  }

  /** Lets the disk do one thing; false where it has nothing to do. */
  answerDisk(): boolean {
    const answer = this.isDiskHeld ? null : this.disk.next();
    if (answer === null) return false;
    this.#tell(answer);
    return true;
  }

  connect(name: string, book: SessionBook, xidBefore: number): ScriptClient {
    const client = new ScriptClient(name, this.#nextClient, book, xidBefore);
    this.#nextClient += 1;
    this.clients.set(name, client);
    this.replica.connected(client.id, '127.0.0.1', 40_000 + client.id);
    return client;
  }

  disconnect(name: string): void {
    const client = this.clients.get(name);
    if (client === undefined) return;
    this.clients.delete(name);
    this.replica.disconnected(client.id);
  }

  sent(output: QuorumOutput): void {
    this.door.recycleQuorum(output);
  }

  #tell(answer: DiskAnswer): void {
    if (answer.kind === 'read') this.door.logRead(answer.reader, answer.piece, answer.end);
    else if (answer.kind === 'done') this.replica.diskDone(answer.ticket);
    else this.door.rebuilt(answer.ticket, this.#recover());
  }

  #recover(): Database {
    const { tree, hashKey, tickMs } = this.#settings;
    const recovery = new Recovery({ tree, hashKey, tickMs });
    const problem = this.disk.recover(recovery);
    const database = problem ?? recovery.finish();
    if (typeof database === 'string') throw new Error(database);
    return database;
  }

  #send(output: ClientOutput): void {
    const client = this.#byId(output.connection);
    const bytes = output.bytes.subarray(0, output.byteCount);
    this.#said.push(...(client?.receive(bytes) ?? []));
    this.replica.recycle(output);
  }

  #perform(order: Order): void {
    if (order.kind === 'notice') this.#notices.push(`${order.text} ${JSON.stringify(order.facts)}`);
    else if (order.kind === 'word') {
      this.replica.answerWord(order.connection, order.word, scriptFacts);
      this.turn();
    } else if (order.kind === 'stop')
      this.#said.push(`server ${this.id} has ended: ${order.reason}`);
    else if (order.kind === 'close' || order.kind === 'cut') {
      const client = this.#byId(order.connection);
      if (client === undefined) return;
      const why = order.reason === null ? '' : `: ${order.reason}`;
      this.#said.push(`${client.name} is closed${why}`);
      this.disconnect(client.name);
    }
  }

  #byId(id: number): ScriptClient | undefined {
    for (const client of this.clients.values()) if (client.id === id) return client;
    return undefined;
  }
}
