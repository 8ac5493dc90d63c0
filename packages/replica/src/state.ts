/**
 * What all parts of one server's mind share: the database, the connections, the clock as it was
 * handed in, and the lists of what is to leave. It decides nothing.
 */
import {
  type EventSink,
  IdMap,
  type QuotaTable,
  type Session,
  type SessionTable,
  type Tree,
  TxnField,
  type Watcher,
  WatchTable,
} from '@zabra/tree';
import { type JuteWriter, KEEPER_STATE_CONNECTED, Xid } from '@zabra/wire';
import type { Summary } from '@zabra/zab';
import { Buffers } from './buffers.ts';
import { Connection } from './connection.ts';
import type { DiskOrder, NoticeOrder, Order } from './contract.ts';
import { Figures } from './figures.ts';
import { LargeRequests } from './large-requests.ts';
import { LocalSessions } from './local-sessions.ts';
import { type Output, OutputPool } from './output.ts';
import { Owed } from './owed.ts';
import type { Part } from './parts/part.ts';
import type { Database } from './recovery.ts';
import type { ReplicaSettings } from './settings.ts';
import { Tally } from './wait-queue.ts';
import type { EnsembleView } from './words/ensemble-view.ts';

export interface DigestEntry {
  /** Hexadecimal without a prefix. */
  readonly zxid: string;
  /** Decimal. */
  readonly digest: string;
}

/** How often the digest is noted, and how many notes are kept. */
const DIGEST_INTERVAL_MASK = 127;
const DIGEST_NOTES_MAX = 1024;

/** An output with as much gets a successor: growing buffers are garbage, equal ones serve again. */
const OUTPUT_BYTES = 64 * 1024;

/** Length and reply header. */
export const REPLY_HEAD_BYTES = 20;

export class ServerState implements EventSink {
  readonly settings: ReplicaSettings;
  tree: Tree;
  sessions: SessionTable;
  quotas: QuotaTable;
  readonly watches: WatchTable;
  /** What this server is to its clients. */
  part!: Part;
  /** Null on a standalone server. */
  ensemble: EnsembleView | null = null;
  readonly figures: Figures = new Figures();
  readonly connections: Map<number, Connection> = new Map();
  /** The connection each attached session is on. */
  readonly attached: IdMap<Connection> = new IdMap();
  /** Connections that have not said who they are, oldest first. */
  readonly greeting: Set<Connection> = new Set();
  readonly buffers: Buffers = new Buffers();
  readonly outputs: OutputPool = new OutputPool(this.buffers);
  readonly owed: Owed = new Owed();
  /** What waits in the queues of all connections. */
  readonly waiting: Tally = new Tally(this.buffers);
  readonly largeRequests: LargeRequests;
  readonly localSessions: LocalSessions;
  orders: Order[] = [];
  disk: DiskOrder[] = [];
  /** Outputs that have not left, those of a connection in their order. */
  ready: Output[] = [];
  nowMs = 0;
  wallMs = 0;
  startedMs = 0;
  /** The last zxid applied. */
  appliedHigh = 0;
  appliedLow = 0;
  /** What events of the moment carry: the change's zxid, or -1 for catching up. */
  eventZxidHigh = -1;
  eventZxidLow = -1;
  /** The tree digest at every 128th zxid, for the `hash` word. */
  readonly digestHistory: DigestEntry[] = [];
  /** Reads answered in this turn, which share their latency. */
  readsInTurn = 0;
  eventsInTurn = 0;
  eventBytesInTurn = 0;
  hasEnded = false;
  /** Connections that take a place among those that are limited. */
  counted = 0;
  readonly #perAddress = new Map<string, number>();
  #ticket = 0;

  constructor(settings: ReplicaSettings, database: Database) {
    this.settings = settings;
    const { largeRequestBytes, largeRequestsBytesMax } = settings;
    this.largeRequests = new LargeRequests(largeRequestBytes, largeRequestsBytesMax);
    this.localSessions = new LocalSessions(settings.tickMs);
    this.tree = database.tree;
    this.sessions = database.sessions;
    this.quotas = database.quotas;
    this.#reach(database.lastZxid);
    this.watches = new WatchTable(settings.hashKey, this, settings.tree.skipAcl);
  }

  /** A session has given a sign of life. */
  touch(session: Session): void {
    if (session.isLocal) this.localSessions.table.touch(session);
    else this.sessions.touch(session);
  }

  /** Another database takes the place of the one there was; nobody is served while this happens. */
  adopt(database: Database): void {
    this.tree = database.tree;
    this.sessions = database.sessions;
    this.quotas = database.quotas;
    this.sessions.advance(this.nowMs);
    this.#reach(database.lastZxid);
  }

  #reach(zxid: bigint): void {
    this.appliedHigh = Number(zxid >> 32n) | 0;
    this.appliedLow = Number(zxid & 0xffffffffn) | 0;
  }

  get appliedZxid(): bigint {
    return (BigInt(this.appliedHigh) << 32n) | BigInt(this.appliedLow >>> 0);
  }

  /** This zxid was the last applied. */
  onApplied(zxidHigh: number, zxidLow: number): void {
    this.appliedHigh = zxidHigh;
    this.appliedLow = zxidLow;
    if ((zxidLow & DIGEST_INTERVAL_MASK) !== 0 || !this.settings.tree.digestEnabled) return;
    const zxid = BigInt.asUintN(64, this.appliedZxid).toString(16);
    this.digestHistory.push({ zxid, digest: this.tree.digest.toBigInt().toString() });
    if (this.digestHistory.length > DIGEST_NOTES_MAX) this.digestHistory.shift();
  }

  /** How long ago a record was made, by its maker's clock; that may be ahead of this server's. */
  measureAge(view: DataView, start: number, into: Summary): void {
    const high = view.getInt32(start + TxnField.Time);
    const low = view.getInt32(start + TxnField.Time + 4) >>> 0;
    const ageMs = this.wallMs - (high * 2 ** 32 + low);
    if (ageMs >= 0) into.add(ageMs);
  }

  nextTicket(): number {
    this.#ticket += 1;
    return this.#ticket;
  }

  notice(level: NoticeOrder['level'], text: string, facts: NoticeOrder['facts'] = {}): void {
    this.orders.push({ kind: 'notice', level, text, facts });
  }

  /** Where this connection's output of the turn is written. */
  outputOf(connection: Connection): JuteWriter {
    let { output } = connection;
    if (output !== null && output.byteCount >= OUTPUT_BYTES) {
      connection.heldBytes += output.byteCount;
      output = null;
    }
    if (output === null) {
      output = this.outputs.acquire(connection.id);
      connection.output = output;
      this.ready.push(output);
    }
    return output.writer;
  }

  /** Whether some output may leave that was held back. */
  get hasOutput(): boolean {
    for (const { connection } of this.ready) {
      if ((this.connections.get(connection)?.unsentBytes ?? 0) === 0) return true;
    }
    return false;
  }

  /** Completes the reply whose head starts at `start` of the connection's output. */
  finishReply(
    connection: Connection,
    out: JuteWriter,
    start: number,
    xid: number,
    zxidHigh: number,
    zxidLow: number,
    error: number,
  ): void {
    const { view } = out;
    const byteCount = out.position - start;
    view.setInt32(start, byteCount - 4);
    view.setInt32(start + 4, xid);
    view.setInt32(start + 8, zxidHigh);
    view.setInt32(start + 12, zxidLow);
    view.setInt32(start + 16, error);
    connection.sent += 1;
    connection.lastZxidHigh = zxidHigh;
    connection.lastZxidLow = zxidLow;
    connection.lastResponseMs = this.nowMs;
    this.owed.onWritten(byteCount);
    this.figures.packetsSent += 1;
    this.figures.onResponse(byteCount);
  }

  /** A reply without a body. */
  answer(
    connection: Connection,
    xid: number,
    zxidHigh: number,
    zxidLow: number,
    error: number,
  ): void {
    const out = this.outputOf(connection);
    const start = out.position;
    out.reserve(REPLY_HEAD_BYTES);
    out.position += REPLY_HEAD_BYTES;
    this.finishReply(connection, out, start, xid, zxidHigh, zxidLow, error);
  }

  /** A watch fired: the event joins the output, ahead of any reply that reveals the change. */
  onEvent(watcher: Watcher, type: number, bytes: Uint8Array, start: number, end: number): void {
    if (!(watcher instanceof Connection) || watcher.state === 'gone') return;
    const out = this.outputOf(watcher);
    const at = out.position;
    out.reserve(REPLY_HEAD_BYTES + 12 + end - start);
    out.position += REPLY_HEAD_BYTES;
    out.int(type);
    out.int(KEEPER_STATE_CONNECTED);
    out.int(end - start);
    for (let i = start; i < end; i += 1) out.bytes[out.position + i - start] = bytes[i]!;
    out.position += end - start;
    out.view.setInt32(at, out.position - at - 4);
    out.view.setInt32(at + 4, Xid.Notification);
    out.view.setInt32(at + 8, this.eventZxidHigh);
    out.view.setInt32(at + 12, this.eventZxidLow);
    out.view.setInt32(at + 16, 0);
    watcher.sent += 1;
    const byteCount = out.position - at;
    this.owed.onWritten(byteCount);
    this.eventsInTurn += 1;
    this.eventBytesInTurn += byteCount;
    this.figures.packetsSent += 1;
    this.figures.watchBytes += byteCount;
  }

  /** Has the body close the connection behind its output; nothing more is read or owed. */
  close(connection: Connection, reason: string | null): void {
    if (connection.state === 'gone') return;
    connection.state = 'gone';
    this.forget(connection);
    const { id, hasParted } = connection;
    this.orders.push({ kind: 'close', connection: id, reason, isWanted: hasParted });
  }

  /** Has the body drop the connection with whatever is unsent, even where it is being closed. */
  cut(connection: Connection, reason: string): void {
    if (connection.isCut) return;
    connection.isCut = true;
    const told = connection.state === 'gone' ? null : reason;
    connection.state = 'gone';
    this.forget(connection);
    this.orders.push({ kind: 'cut', connection: connection.id, reason: told, isWanted: false });
  }

  /** Gives the connection a place among those that are limited; how many its address has now. */
  count(connection: Connection): number {
    connection.isCounted = true;
    const fromAddress = (this.#perAddress.get(connection.address) ?? 0) + 1;
    this.#perAddress.set(connection.address, fromAddress);
    this.counted += 1;
    return fromAddress;
  }

  /** A connection that is told to go takes nobody's place, however long it stays. */
  #uncount(connection: Connection): void {
    if (!connection.isCounted) return;
    connection.isCounted = false;
    this.counted -= 1;
    const left = (this.#perAddress.get(connection.address) ?? 1) - 1;
    if (left === 0) this.#perAddress.delete(connection.address);
    else this.#perAddress.set(connection.address, left);
  }

  /** Lets go of everything that hangs on a connection; its session lives on. */
  forget(connection: Connection): void {
    this.#uncount(connection);
    this.greeting.delete(connection);
    this.watches.removeAll(connection);
    const { session } = connection;
    if (session !== null && this.attached.get(session.high, session.low) === connection) {
      this.attached.delete(session.high, session.low);
    }
  }
}
