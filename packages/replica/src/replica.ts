/**
 * One server's mind, as its body sees it: calls that hand in what arrived and return nothing, then
 * `turn`, then calls that hand out what is to leave. It knows no socket, file, clock or promise.
 *
 * A body, in a loop: `begin`, any of `connected`, `disconnected`, `received`, `recycle`, `diskDone`
 * and so on, `turn`; then it takes the disk orders, the clients' output and the other orders, in
 * this order, and arms a timer for `wakeAt`. Bytes handed in are borrowed for the call.
 *
 * It is standalone unless it is given a membership; then `ensemble` is its face towards the others.
 */
import type { Application } from '@zabra/tree';
import { assert, ErrorCode, Opcode } from '@zabra/wire';
import { Authentication } from './authentication.ts';
import { Connection, UNSEEN } from './connection.ts';
import type { ClientOutput, DiskOrder, EnsembleDoor, Order } from './contract.ts';
import { Member } from './ensemble/member.ts';
import { Expiry } from './expiry.ts';
import { Handshake } from './handshake.ts';
import { Intake } from './intake.ts';
import type { Membership } from './membership.ts';
import { Output } from './output.ts';
import { Standalone } from './parts/standalone.ts';
import { type CommitListener, Pipeline } from './pipeline.ts';
import { Proposals } from './proposals.ts';
import { Reaper } from './reaper.ts';
import type { Database } from './recovery.ts';
import { Requests } from './requests.ts';
import type { ReplicaSettings } from './settings.ts';
import { Snapshots } from './snapshots.ts';
import { REPLY_HEAD_BYTES, ServerState } from './state.ts';
import type { HostFacts } from './words/host-facts.ts';
import { Words } from './words/words.ts';

/** Exceeded quotas are told of so often at most. */
const QUOTA_NOTICE_MS = 60_000;

export class Replica implements CommitListener {
  readonly #state: ServerState;
  readonly #pipeline: Pipeline;
  readonly #authentication: Authentication;
  readonly #handshake: Handshake;
  readonly #requests: Requests;
  readonly #intake: Intake;
  readonly #expiry: Expiry;
  readonly #snapshots: Snapshots;
  readonly #reaper: Reaper;
  readonly #words: Words;
  readonly #member: Member | null;
  #isFirstSnapshot: boolean;
  #quotasToldMs = Number.NEGATIVE_INFINITY;
  #isDraining = false;

  constructor(settings: ReplicaSettings, database: Database, membership: Membership | null = null) {
    const state = new ServerState(settings, database);
    this.#state = state;
    this.#pipeline = new Pipeline(state, this);
    this.#authentication = new Authentication(settings);
    this.#handshake = new Handshake(state, this.#pipeline);
    this.#requests = new Requests(state, this.#authentication);
    this.#words = new Words(state, this.#pipeline);
    this.#intake = new Intake(state, this.#pipeline, this.#handshake, this.#requests, this.#words);
    this.#expiry = new Expiry(state);
    this.#snapshots = new Snapshots(state, this.#pipeline);
    this.#reaper = new Reaper(state);
    this.#isFirstSnapshot = !database.hasSnapshot;
    this.#member = membership === null ? null : this.#join(membership, database);
    if (this.#member === null) this.#standAlone();
  }

  /** What a member hands in and takes out besides; null for a standalone server. */
  get ensemble(): EnsembleDoor | null {
    return this.#member;
  }

  // Handing in.

  /** Time, before the first input of a turn: monotonic for leases, wall for what is stored. */
  begin(monotonicMs: number, wallMs: number): void {
    this.#state.nowMs = monotonicMs;
    this.#state.wallMs = wallMs;
    this.#state.sessions.advance(monotonicMs);
    this.#state.localSessions.advance(monotonicMs);
    this.#member?.begin(monotonicMs);
  }

  /**
   * Service starts now, or the search for a leader: leases start over, and what was replayed gets a
   * snapshot of its own.
   */
  start(needsSnapshot: boolean): void {
    const state = this.#state;
    state.startedMs = state.nowMs;
    state.sessions.renewAll();
    this.#handshake.start(state.wallMs);
    this.#reaper.start();
    if (needsSnapshot) this.#snapshots.want();
    this.#member?.start();
    // A log without a snapshot would be refused by every reader, so the first one goes ahead of it.
    this.#pipeline.isHeld = this.#isFirstSnapshot;
    if (this.#isFirstSnapshot || (needsSnapshot && this.#member === null)) this.#snapshots.start();
  }

  connected(id: number, address: string, port: number): void {
    const state = this.#state;
    const { connectionsMax, connectionsPerAddressMax } = state.settings;
    const identities = this.#authentication.initial(address);
    const { nowMs, wallMs, waiting } = state;
    const connection = new Connection(id, address, port, identities, nowMs, wallMs, waiting);
    const fromAddress = state.count(connection);
    state.connections.set(id, connection);
    state.greeting.add(connection);
    state.figures.connectionsRequested += 1;
    if (state.hasEnded) {
      state.close(connection, null);
    } else if (connectionsPerAddressMax > 0 && fromAddress > connectionsPerAddressMax) {
      this.#reject(connection, `${address} has too many connections (maxClientCnxns)`);
    } else if (connectionsMax > 0 && state.counted > connectionsMax) {
      this.#reject(connection, 'there are too many connections (maxCnxns)');
    }
  }

  /** The client will send no more; what it is owed is still sent. */
  ended(id: number): void {
    const connection = this.#state.connections.get(id);
    if (connection === undefined || !connection.isOpen) return;
    if (connection.queue.isEmpty) this.#state.close(connection, null);
    else connection.state = 'ending';
  }

  disconnected(id: number): void {
    const state = this.#state;
    const connection = state.connections.get(id);
    if (connection === undefined) return;
    if (connection.state !== 'gone') state.figures.connectionsDropped += 1;
    connection.state = 'gone';
    this.#intake.forget(connection);
    connection.queue.clear();
    state.largeRequests.leave(connection.largeBytes);
    state.forget(connection);
    state.connections.delete(id);
  }

  received(id: number, chunk: Uint8Array): void {
    const connection = this.#state.connections.get(id);
    if (connection === undefined || !connection.isOpen || this.#state.hasEnded) return;
    if (this.#isDraining) return;
    this.#intake.receive(connection, plain(chunk));
  }

  /** So many bytes more of this output have left; said of those that do not leave all at once. */
  sent(output: ClientOutput, byteCount: number): void {
    assert(output instanceof Output, 'an output comes back as it was handed out');
    const state = this.#state;
    output.sentBytes += byteCount;
    state.owed.onSent(byteCount);
    const connection = state.connections.get(output.connection);
    if (connection === undefined) return;
    connection.unsentBytes -= byteCount;
    connection.sentAtMs = state.nowMs;
  }

  /** The body has sent this output, or never will, and needs it no more. */
  recycle(output: ClientOutput): void {
    assert(output instanceof Output, 'an output comes back as it was handed out');
    this.sent(output, output.byteCount - output.sentBytes);
    this.#state.outputs.release(output);
  }

  diskDone(ticket: number): void {
    if (this.#pipeline.onDurable(ticket) || !this.#snapshots.onDone(ticket)) return;
    if (this.#snapshots.isRunning) return;
    this.#member?.onSnapshotDone(this.#snapshots.zxid);
    if (!this.#isFirstSnapshot) return;
    this.#isFirstSnapshot = false;
    this.#pipeline.isHeld = false;
  }

  /** A promise cannot be kept any more: nothing further is answered, and this object has ended. */
  diskFailed(what: string): void {
    this.end(what);
  }

  /** The answer to a word order. */
  answerWord(id: number, word: string, facts: HostFacts): void {
    const connection = this.#state.connections.get(id);
    if (connection !== undefined) this.#words.answerWith(connection, word, facts);
  }

  /** Takes a snapshot now; false while one is being written. */
  snapshotNow(): boolean {
    const { mode } = this.#state.part;
    if (mode === 'none' || mode === 'read-only') return false;
    return this.#snapshots.start();
  }

  /** Takes in nothing more, from clients or learners; what is under way is finished and answered. */
  drain(): void {
    this.#isDraining = true;
    this.#member?.drain();
  }

  /** Takes no further part in the ensemble; who has followed looks for another leader at once. */
  leave(): void {
    this.#member?.stop();
  }

  /** Closes every connection and answers nothing more. */
  end(reason: string): void {
    if (this.#state.hasEnded) return;
    this.#state.hasEnded = true;
    for (const connection of this.#state.connections.values()) {
      this.#state.close(connection, null);
    }
    this.#member?.stop();
    this.#state.orders.push({ kind: 'stop', reason });
  }

  /** After everything that was there has been handed in. */
  turn(): void {
    const state = this.#state;
    if (state.hasEnded) return;
    if (state.owed.isMuch) this.#letGo();
    this.#member?.turn();
    this.#pipeline.applyCommitted();
    this.#member?.onApplied();
    if (!this.#isDraining) {
      this.#expiry.turn();
      this.#reaper.turn();
    }
    this.#intake.turn();
    this.#snapshots.turn();
    this.#pipeline.flush();
    state.figures.latency.addMany(0, state.readsInTurn);
    state.figures.readLatency.addMany(0, state.readsInTurn);
    state.readsInTurn = 0;
    this.#reportQuotas();
  }

  // Handing out.

  takeDisk(): readonly DiskOrder[] {
    const taken = this.#state.disk;
    if (taken.length > 0) this.#state.disk = [];
    return taken;
  }

  takeClient(): readonly ClientOutput[] {
    const state = this.#state;
    const all = state.ready;
    if (all.length === 0) return all;
    state.ready = [];
    const taken: Output[] = [];
    let takenBytes = 0;
    let leftBytes = 0;
    for (const output of all) {
      const connection = state.connections.get(output.connection);
      const { byteCount } = output;
      // One output at a time: the next follows when it is sent.
      if (connection !== undefined && connection.unsentBytes > 0 && connection.state !== 'gone') {
        state.ready.push(output);
        leftBytes += byteCount;
        continue;
      }
      taken.push(output);
      takenBytes += byteCount;
      if (connection === undefined) continue;
      if (connection.unsentBytes === 0) connection.sentAtMs = UNSEEN;
      if (connection.output === output) connection.output = null;
      else connection.heldBytes -= byteCount;
      connection.unsentBytes += byteCount;
    }
    state.figures.bytesSent += takenBytes;
    state.owed.onTaken(takenBytes, leftBytes);
    return taken;
  }

  takeOrders(): readonly Order[] {
    const taken = this.#state.orders;
    if (taken.length > 0) this.#state.orders = [];
    return taken;
  }

  /** The next moment at which something is due, on the monotonic clock. */
  wakeAt(): number {
    const state = this.#state;
    if (state.hasEnded) return Number.POSITIVE_INFINITY;
    const hasWork =
      this.#pipeline.hasWork ||
      this.#snapshots.hasWork ||
      (this.#expiry.hasWork && !this.#isDraining) ||
      this.#intake.hasWork ||
      this.#member?.hasWork === true ||
      state.hasOutput;
    if (hasWork) return state.nowMs;
    return Math.min(
      this.#isDraining ? Number.POSITIVE_INFINITY : this.#expiry.nextDueMs(),
      this.#isDraining ? Number.POSITIVE_INFINITY : this.#reaper.nextDueMs(),
      this.#pipeline.nextDueMs(),
      state.owed.nextDueMs(state.nowMs),
      this.#member?.nextDueMs() ?? Number.POSITIVE_INFINITY,
    );
  }

  /** Nothing is on its way that a client was promised an answer to, or that others were told. */
  get isIdle(): boolean {
    // What a learner is sent by its leader never ends, and does not concern it once it leaves.
    if (this.#state.part.governs) return this.#pipeline.isIdle;
    for (const { queue, state } of this.#state.connections.values()) {
      if (state !== 'gone' && !queue.isEmpty) return false;
    }
    return true;
  }

  /** Whether a snapshot is on its way to the disk. */
  get isTakingSnapshot(): boolean {
    return this.#snapshots.isRunning;
  }

  get lastZxid(): bigint {
    return this.#state.appliedZxid;
  }

  /** Of the tree as of that zxid. */
  get digest(): bigint {
    return this.#state.tree.digest.toBigInt();
  }

  // Inside.

  #letGo(): void {
    const state = this.#state;
    for (const connection of state.owed.leavers(state.connections.values(), state.nowMs)) {
      state.cut(connection, 'it does not take what it is sent');
    }
  }

  #standAlone(): void {
    const state = this.#state;
    const { appliedHigh, appliedLow } = state;
    const proposals = new Proposals(state, this.#pipeline, null, null, appliedHigh, appliedLow);
    state.part = new Standalone(state, proposals);
  }

  #join(membership: Membership, database: Database): Member {
    const household = {
      state: this.#state,
      pipeline: this.#pipeline,
      snapshots: this.#snapshots,
      handshake: this.#handshake,
      requests: this.#requests,
      onServing: (): void => {
        this.#expiry.startOver();
        this.#reaper.start();
      },
    };
    return new Member(household, membership, database.lastZxid);
  }

  onApplied(author: Connection | null, type: number, a: Application): void {
    const state = this.#state;
    if (type === Opcode.CloseSession) this.#onSessionClosed(author, a);
    else if (type === Opcode.CreateSession) {
      state.localSessions.onOpened(a.sessionHigh, a.sessionLow);
    }
    if (author === null || author.state === 'gone') return;
    this.#requests.drainToWrite(author);
    if (author.state !== 'serving' && author.state !== 'ending') return;
    if (a.error === ErrorCode.SessionMoved) {
      // Whoever lost its session to another connection must not take this for an answer.
      state.close(author, 'its session came back on another server');
      return;
    }
    const { queue } = author;
    const { view, start } = queue;
    const xid = view.getInt32(start);
    const opcode = view.getInt32(start + 4);
    const { arrivedMs } = queue;
    queue.pop();
    if (opcode === Opcode.CreateSession) this.#handshake.onReady(author);
    else this.#answer(author, xid, opcode, a);
    const latency = state.nowMs - arrivedMs;
    this.#countLatency(author, latency);
    this.#requests.drain(author);
    if (this.#requests.isStalled(author)) this.#intake.pause(author);
  }

  onQuiet(connection: Connection): void {
    if (connection.state === 'gone') return;
    connection.queue.pop();
    this.#handshake.onReady(connection);
    this.#requests.drain(connection);
  }

  #answer(author: Connection, xid: number, opcode: number, a: Application): void {
    const state = this.#state;
    const out = state.outputOf(author);
    const start = out.position;
    out.reserve(REPLY_HEAD_BYTES + a.result.position);
    out.position += REPLY_HEAD_BYTES;
    if (a.error === ErrorCode.Ok) {
      const count = opcode === Opcode.Create ? a.shortResultEnd : a.result.position;
      out.raw(a.result.bytes, a.result.view, 0, count);
    }
    state.finishReply(author, out, start, xid, a.zxidHigh, a.zxidLow, a.error);
  }

  #countLatency(author: Connection, latencyMs: number): void {
    const { figures } = this.#state;
    figures.latency.add(latencyMs);
    figures.updateLatency.add(latencyMs);
    author.latencyMsLast = latencyMs;
    author.latencyMsMin =
      author.answered === 0 ? latencyMs : Math.min(author.latencyMsMin, latencyMs);
    author.latencyMsMax = Math.max(author.latencyMsMax, latencyMs);
    author.latencyMsSum += latencyMs;
    author.answered += 1;
  }

  /** Whoever closed it still gets an answer; any other connection of the session is cut. */
  #onSessionClosed(author: Connection | null, a: Application): void {
    this.#state.part.onSessionClosed(a.sessionHigh, a.sessionLow);
    const connection = this.#state.attached.get(a.sessionHigh, a.sessionLow);
    if (connection !== undefined && connection !== author) this.#state.close(connection, null);
  }

  #reject(connection: Connection, reason: string): void {
    this.#state.figures.connectionsRejected += 1;
    this.#state.close(connection, reason);
  }

  /** A client that does not care would otherwise fill the log. */
  #reportQuotas(): void {
    const { quotas, nowMs } = this.#state;
    if (quotas.exceeded.size === 0 || nowMs < this.#quotasToldMs + QUOTA_NOTICE_MS) return;
    for (const path of quotas.exceeded) this.#state.notice('warn', 'quota exceeded', { path });
    quotas.exceeded.clear();
    this.#quotasToldMs = nowMs;
  }
}

/** Node's Buffer shares memory where an array would copy; nothing here may depend on which it is. */
function plain(bytes: Uint8Array): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
