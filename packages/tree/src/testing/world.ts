/**
 * A tree room with everything it needs around it and nothing else: no connections, no files, no
 * replica. Requests go in as the bytes a client would send; they are prepared into a log as the
 * replica keeps it, and applied from those bytes, at once or later. For tests of this room only.
 *
 * Bytes lent for a call are spoiled after it, so whoever kept a reference is found out.
 */
import {
  assert,
  decodeTransaction,
  decodeUtf8,
  ErrorCode,
  encodeTransaction,
  type HeaderOnlyOperation,
  JuteReader,
  JuteWriter,
  Opcode,
  type Operations,
  operationOf,
  type Transaction,
} from '@zabra/wire';
import { Identities, type Identity } from '../acl/identity.ts';
import { Application } from '../application.ts';
import { applyTransaction, DigestCheck, TXN_HEADER_BYTES, TxnField } from '../apply.ts';
import { DIGEST_VERSION } from '../digest.ts';
import { createFreshTree } from '../fresh-tree.ts';
import { internalWrites, reads, writes } from '../operations/table.ts';
import { Pending } from '../pending.ts';
import { MALFORMED, Preparation } from '../preparation.ts';
import { QuotaTable } from '../quota/quota-table.ts';
import { Reading } from '../reading.ts';
import { Session, SessionTable } from '../sessions/session-table.ts';
import type { TreeSettings } from '../settings.ts';
import type { Tree } from '../tree.ts';
import { type EventSink, WatchTable } from '../watches/watch-table.ts';
import { type Watcher, Watching } from '../watches/watchers.ts';

export const HASH_KEY = { first: 0x5bd1e995, second: 0x1b873593 } as const;
/** The upper half of every session id here: made by server 1. */
const SESSION_HIGH = 0x01000000;
const TICK_MS = 2000;
const TIMEOUT_MS = 10_000;
const MARGIN_BYTES = 5;

const DEFAULT_SETTINGS: TreeSettings = {
  extendedTypes: false,
  enforceQuota: false,
  skipAcl: false,
  digestEnabled: true,
  closeSessionPaths: true,
  digestSchemeEnabled: true,
  reconfigEnabled: false,
  votersMin: 2,
  multiAddressEnabled: false,
  txnBytesMax: 0xfffff,
};

/** The request of an operation, as its codec takes it. */
export type RequestOf<Code extends keyof Operations> =
  Operations[Code] extends HeaderOnlyOperation<infer Request> ? Request : never;

export interface Heard {
  readonly who: Client;
  readonly type: number;
  readonly path: string;
}

/** Bytes as Node lends them: in its own arrays `slice` copies nothing. */
export class BorrowedBytes extends Uint8Array {
  override slice(start?: number, end?: number): BorrowedBytes {
    return this.subarray(start, end) as BorrowedBytes;
  }
}

/** A connection of a session. */
export class Client implements Watcher {
  readonly name: string;
  readonly watching: Watching = new Watching();
  identities: Identities;
  session: Session;

  constructor(name: string, session: Session, identities: readonly Identity[]) {
    this.name = name;
    this.session = session;
    this.identities = new Identities(identities);
  }
}

/** What came of a write, or of a read. */
export interface Outcome {
  readonly opcode: number;
  readonly error: number;
  /** Null where there was no transaction. */
  readonly zxid: bigint | null;
  readonly body: Uint8Array;
  readonly heard: readonly Heard[];
}

interface Proposal {
  readonly opcode: number;
  readonly start: number;
  readonly end: number;
  readonly zxid: bigint;
  readonly carriesDigest: boolean;
}

export class World implements EventSink {
  readonly settings: TreeSettings;
  readonly tree: Tree;
  readonly sessions: SessionTable = new SessionTable(TICK_MS);
  readonly quotas: QuotaTable;
  readonly watches: WatchTable;
  readonly pending: Pending;
  readonly application: Application;
  /** The clock that transactions are stamped with; each takes the next millisecond. */
  timeMs = 1000n;
  zxid = 0n;
  /** The transaction prepared last, as the log holds it. */
  lastTransaction: Uint8Array = new Uint8Array(0);
  readonly #preparation: Preparation;
  readonly #reading: Reading;
  // Small at first, so that it moves while writes are in flight.
  readonly #log = new JuteWriter(64);
  readonly #queue: Proposal[] = [];
  readonly #names = new Map<bigint, string>();
  #heard: Heard[] = [];
  #nextSession = 1;

  constructor(settings: Partial<TreeSettings> = {}, tree?: Tree) {
    this.settings = { ...DEFAULT_SETTINGS, ...settings };
    const { extendedTypes, enforceQuota, skipAcl } = this.settings;
    this.tree = tree ?? createFreshTree({ hashKey: HASH_KEY, extendedTypes });
    this.quotas = new QuotaTable(this.tree, enforceQuota);
    this.watches = new WatchTable(HASH_KEY, this, skipAcl);
    this.pending = new Pending(this.tree);
    this.application = new Application(this.tree, this.sessions, this.quotas, this.watches);
    this.#preparation = new Preparation(
      this.tree,
      this.pending,
      this.quotas,
      this.settings,
      this.#log,
    );
    this.#reading = new Reading(this.tree, this.watches, this, this.settings);
  }

  /** Who opened the session with this unsigned id. */
  nameOf(session: bigint): string | undefined {
    return this.#names.get(session);
  }

  get outstanding(): number {
    return this.#queue.length;
  }

  onEvent(watcher: Watcher, type: number, bytes: Uint8Array, start: number, end: number): void {
    const path = decodeUtf8(bytes.subarray(start, end));
    this.#heard.push({ who: watcher as Client, type, path });
  }

  /** A client whose session is there already, without a transaction. */
  connect(
    name: string,
    identities: readonly Identity[] = [],
    timeoutMs: number = TIMEOUT_MS,
  ): Client {
    const low = this.#nextSession;
    this.#nextSession += 1;
    const session = this.sessions.open(SESSION_HIGH, low, timeoutMs);
    this.#names.set(unsignedId(session), name);
    return new Client(name, session, identities);
  }

  /** A client whose session is opened by a transaction. */
  open(name: string, timeoutMs: number): Client {
    const session = new Session(SESSION_HIGH, this.#nextSession, timeoutMs);
    this.#nextSession += 1;
    this.#names.set(unsignedId(session), name);
    const client = new Client(name, session, []);
    this.propose(client, Opcode.CreateSession, { timeoutMs });
    this.applyAll();
    client.session = this.sessions.get(session.high, session.low)!;
    return client;
  }

  /** Prepares a write; null where its body could not be decoded, which leaves no trace. */
  propose<Code extends keyof Operations>(
    client: Client,
    opcode: Code,
    request: RequestOf<Code>,
  ): bigint | null {
    return this.proposeBytes(client, opcode, encodeRequest(opcode, request));
  }

  proposeBytes(client: Client, opcode: number, body: Uint8Array): bigint | null {
    const p = this.#preparation;
    const log = this.#log;
    const start = log.position;
    const zxid = this.zxid + 1n;
    log.reserve(TXN_HEADER_BYTES);
    log.position = start + TXN_HEADER_BYTES;
    const bodyStart = log.position;
    p.session = client.session;
    p.identities = client.identities;
    p.zxidHigh = Number(zxid >> 32n);
    p.zxidLow = Number(BigInt.asIntN(32, zxid));
    p.timeHigh = Number(this.timeMs >> 32n);
    p.timeLow = Number(BigInt.asIntN(32, this.timeMs));
    const lent = this.#lend(p.reader, body);
    const prepare = writes.get(opcode) ?? internalWrites.get(opcode);
    assert(prepare !== undefined, `opcode ${opcode} is a write`);
    const error = prepare(p, opcode);
    lent.fill(0xdd);
    if (error === MALFORMED) {
      log.position = start;
      return null;
    }
    if (error !== ErrorCode.Ok) {
      log.position = bodyStart;
      log.int(error);
      p.type = Opcode.Error;
    }
    const isBare = p.type === Opcode.CloseSession && log.position === bodyStart;
    const carriesDigest = error === ErrorCode.Ok && this.settings.digestEnabled && !isBare;
    if (carriesDigest) {
      log.int(DIGEST_VERSION);
      log.long2(this.pending.digest.high, this.pending.digest.low);
    }
    log.view.setInt32(start + TxnField.Session, client.session.high);
    log.view.setInt32(start + TxnField.Session + 4, client.session.low);
    log.view.setInt32(start + TxnField.Cxid, 0);
    log.view.setBigInt64(start + TxnField.Zxid, zxid);
    log.view.setBigInt64(start + TxnField.Time, this.timeMs);
    log.view.setInt32(start + TxnField.Type, p.type);
    this.zxid = zxid;
    this.timeMs += 1n;
    this.lastTransaction = log.bytes.slice(start, log.position);
    this.#queue.push({ opcode, start, end: log.position, zxid, carriesDigest });
    return zxid;
  }

  /** Applies the oldest write that was prepared. */
  applyNext(): Outcome {
    const proposal = this.#queue.shift();
    assert(proposal !== undefined, 'something is there to be applied');
    const { opcode, start, end, zxid, carriesDigest } = proposal;
    const { bytes, view } = this.#log;
    const a = this.application;
    const check = applyTransaction(a, bytes, view, start, end);
    const expected = carriesDigest ? DigestCheck.Equal : DigestCheck.None;
    assert(check === expected, `the digest after ${zxid} is the one foretold (${check})`);
    this.pending.release(a.zxidHigh, a.zxidLow);
    bytes.fill(0xdd, start, end);
    if (this.#queue.length === 0) this.#settle();
    const answer = opcode === Opcode.Create ? a.shortResultEnd : a.result.position;
    const body = a.error === ErrorCode.Ok ? a.result.bytes.slice(0, answer) : new Uint8Array(0);
    return { opcode, error: a.error, zxid, body, heard: this.#takeHeard() };
  }

  applyAll(): Outcome[] {
    const outcomes: Outcome[] = [];
    while (this.#queue.length > 0) outcomes.push(this.applyNext());
    return outcomes;
  }

  /** Prepares and applies. */
  write<Code extends keyof Operations>(
    client: Client,
    opcode: Code,
    request: RequestOf<Code>,
  ): Outcome {
    return this.writeBytes(client, opcode, encodeRequest(opcode, request));
  }

  writeBytes(client: Client, opcode: number, body: Uint8Array): Outcome {
    assert(this.#queue.length === 0, 'nothing is in flight');
    if (this.proposeBytes(client, opcode, body) === null) return malformed(opcode);
    return this.applyNext();
  }

  read<Code extends keyof Operations>(
    client: Client,
    opcode: Code,
    request: RequestOf<Code>,
  ): Outcome {
    return this.readBytes(client, opcode, encodeRequest(opcode, request));
  }

  readBytes(client: Client, opcode: number, body: Uint8Array): Outcome {
    const r = this.#reading;
    r.out = new JuteWriter(8);
    // Replies lie behind others in the same buffer.
    r.out.long2(-1, -1);
    r.identities = client.identities;
    r.watcher = client;
    r.session = client.session;
    const lent = this.#lend(r.reader, body);
    const read = reads.get(opcode);
    assert(read !== undefined, `opcode ${opcode} is a read`);
    const error = read(r, opcode);
    lent.fill(0xdd);
    const answer =
      error === ErrorCode.Ok ? r.out.bytes.slice(8, r.out.position) : new Uint8Array(0);
    return { opcode, error, zxid: null, body: answer, heard: this.#takeHeard() };
  }

  /** Applies a transaction that came from elsewhere, as recovery does. */
  replay(txn: Transaction): DigestCheck {
    assert(this.#queue.length === 0, 'nothing is in flight');
    const writer = new JuteWriter();
    encodeTransaction(writer, txn);
    return this.replayBytes(writer.finish());
  }

  replayBytes(txn: Uint8Array): DigestCheck {
    const a = this.application;
    const lent = new BorrowedBytes(txn.length + 2 * MARGIN_BYTES).fill(0xee);
    lent.set(txn, MARGIN_BYTES);
    const view = new DataView(lent.buffer);
    a.tolerant = true;
    const check = applyTransaction(a, lent, view, MARGIN_BYTES, MARGIN_BYTES + txn.length);
    a.tolerant = false;
    this.pending.digest.copyFrom(this.tree.digest);
    const zxid = view.getBigInt64(MARGIN_BYTES + TxnField.Zxid);
    if (zxid > this.zxid) this.zxid = zxid;
    lent.fill(0xdd);
    return check;
  }

  takeHeard(): readonly Heard[] {
    return this.#takeHeard();
  }

  decodeLastTransaction(): Transaction {
    const txn = decodeTransaction(JuteReader.over(this.lastTransaction));
    assert(txn !== null, 'a transaction in the log can be decoded');
    return txn;
  }

  /** Points the reader at a copy of the body amid other bytes. */
  #lend(reader: JuteReader, body: Uint8Array): Uint8Array {
    const lent = new BorrowedBytes(body.length + 2 * MARGIN_BYTES).fill(0xee);
    lent.set(body, MARGIN_BYTES);
    reader.reset(lent, new DataView(lent.buffer), MARGIN_BYTES, MARGIN_BYTES + body.length);
    return lent;
  }

  /** With nothing in flight the future is the present. */
  #settle(): void {
    const { pending, tree } = this;
    assert(pending.size === 0, 'nothing is pending when nothing is in flight');
    assert(
      tree.digest.equals(pending.digest.high, pending.digest.low),
      'the future digest has become the present one',
    );
    this.#log.position = 0;
  }

  #takeHeard(): readonly Heard[] {
    const heard = this.#heard;
    this.#heard = [];
    return heard;
  }
}

export function encodeRequest<Code extends keyof Operations>(
  opcode: Code,
  request: RequestOf<Code>,
): Uint8Array {
  const writer = new JuteWriter();
  operationOf(opcode)?.encodeRequest(writer, request);
  return writer.finish();
}

function unsignedId({ high, low }: Session): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

function malformed(opcode: number): Outcome {
  return { opcode, error: MALFORMED, zxid: null, body: new Uint8Array(0), heard: [] };
}
