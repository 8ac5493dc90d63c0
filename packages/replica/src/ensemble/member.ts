/**
 * A server as a member of an ensemble. It owns the part that agrees with the other servers, does what
 * that wants done, and makes of each standpoint the part that the server plays towards its clients.
 * Clients are let go whenever they cannot be served any more; their sessions live on.
 */
import { TXN_HEADER_BYTES, TxnField } from '@zabra/tree';
import {
  asZxid,
  decodeUtf8,
  type Ensemble,
  JuteReader,
  type JuteWriter,
  Opcode,
  type PacketView,
  parseEnsemble,
  type RevalidateAnswer,
  type RevalidateAsk,
  type ServerId,
} from '@zabra/wire';
import {
  type LinkOrder,
  type LinkOutput,
  Peer,
  type PeerFigures,
  type PeerStatus,
  type QuorumOrder,
  type QuorumOutput,
  type Service,
  type Standpoint,
} from '@zabra/zab';
import { Connection } from '../connection.ts';
import type { EnsembleDoor, LogPieceEnd } from '../contract.ts';
import type { Duty } from '../duty.ts';
import type { Handshake } from '../handshake.ts';
import type { Membership } from '../membership.ts';
import { Absent } from '../parts/absent.ts';
import { Leader } from '../parts/leader.ts';
import { Learner } from '../parts/learner.ts';
import { ReadOnly } from '../parts/read-only.ts';
import type { Pipeline, RecordKeeper } from '../pipeline.ts';
import { Proposals } from '../proposals.ts';
import type { Database } from '../recovery.ts';
import type { Requests } from '../requests.ts';
import type { Snapshots } from '../snapshots.ts';
import type { ServerState } from '../state.ts';
import type { EnsembleView } from '../words/ensemble-view.ts';
import { Authors } from './authors.ts';
import { writeConfiguration } from './config-node.ts';
import { MemberArchive } from './member-archive.ts';
import { MemberJournal } from './member-journal.ts';
import { PeerMembers } from './peer-members.ts';
import { type Doubt, SyncQueue } from './sync-queue.ts';

/** Who takes part in what a member does to its clients. */
export interface Household {
  readonly state: ServerState;
  readonly pipeline: Pipeline;
  readonly snapshots: Snapshots;
  readonly handshake: Handshake;
  readonly requests: Requests;
  /** Clients are served from now on. */
  onServing(): void;
}

/** How long a member looks for a leader before it serves those who only read: a tick, or this. */
const READING_MS_MIN = 2000;

export class Member implements Service, RecordKeeper, EnsembleDoor, EnsembleView {
  readonly #household: Household;
  readonly #state: ServerState;
  readonly #pipeline: Pipeline;
  readonly #membership: Membership;
  readonly #journal: MemberJournal;
  readonly #archive: MemberArchive;
  readonly #peer: Peer;
  readonly #syncs = new SyncQueue();
  readonly #authors = new Authors();
  #leader: Leader | null = null;
  #learner: Learner | null = null;
  /** A standpoint to serve from, once everything that is committed is applied. */
  #awaited: Standpoint | null = null;
  #isPreparing = false;
  /** When there has been no leader for long enough; Infinity where that is not waited for. */
  #onlyReadsAtMs = Number.POSITIVE_INFINITY;
  /** The tree is one that some leader had at some time, from end to end. */
  #isWhole: boolean;
  /** Whose leader's tree it is. */
  #epoch: number;
  #ruling: Ensemble;
  #committedHigh = 0;
  #committedLow = 0;
  servingSinceMs = 0;
  #hasTalliedDifference = false;

  constructor(household: Household, membership: Membership, lastZxid: bigint) {
    const { state, pipeline, snapshots } = household;
    const { data, peer: settings } = membership;
    this.#household = household;
    this.#state = state;
    this.#pipeline = pipeline;
    this.#membership = membership;
    this.#ruling = data.committed;
    const hasHistory = data.currentEpoch > 0 || lastZxid > 0n;
    const isInTheMiddle = data.acceptedEpoch !== data.currentEpoch;
    this.#epoch = data.currentEpoch;
    this.#isWhole = hasHistory && !isInTheMiddle && !data.isUntrusted;
    this.#journal = new MemberJournal(state, pipeline, snapshots, data, (database) =>
      this.#adopt(database),
    );
    this.#archive = new MemberArchive(state, this.#journal, settings.packetBytesMax);
    const surroundings = { journal: this.#journal, archive: this.#archive, service: this };
    this.#peer = new Peer(settings, surroundings, {
      acceptedEpoch: data.acceptedEpoch,
      currentEpoch: data.currentEpoch,
      lastZxid: data.isUntrusted ? asZxid(-1n) : asZxid(lastZxid),
      committed: data.committed,
      next: data.next,
    });
    this.#journal.peer = this.#peer;
    this.#archive.peer = this.#peer;
    state.part = new Absent();
    state.ensemble = this;
    pipeline.keeper = this;
  }

  // For the replica.

  start(): void {
    this.#awaitReading();
    writeConfiguration(this.#state.tree, this.#ruling, this.#state.wallMs);
  }

  begin(nowMs: number): void {
    this.#peer.begin(nowMs);
  }

  /** Before anything is applied. */
  turn(): void {
    this.#archive.turn();
    this.#peer.turn();
    this.#makeRoom();
    for (const { level, text, facts } of this.#peer.takeNotices()) {
      this.#state.notice(level, text, facts);
    }
  }

  /** After it. */
  onApplied(): void {
    const { appliedHigh, appliedLow } = this.#state;
    for (const waiter of this.#syncs.take(appliedHigh, appliedLow)) this.#release(waiter);
    if (this.#journal.isRebuilding) return;
    if (this.#isPreparing && this.#pipeline.isIdle) {
      this.#isPreparing = false;
      this.#peer.readyToLead();
    }
    if (this.#pipeline.hasWork) return;
    if (this.#awaited !== null) this.#serve(this.#awaited);
    else if (this.#onlyReadsAtMs <= this.#state.nowMs) this.#serveReaders();
  }

  onSnapshotDone(zxid: bigint): void {
    this.#journal.onSnapshotDone(zxid);
  }

  get hasWork(): boolean {
    return this.#archive.hasWork;
  }

  nextDueMs(): number {
    const readsAtMs = this.#journal.isRebuilding ? Number.POSITIVE_INFINITY : this.#onlyReadsAtMs;
    return Math.min(this.#peer.wakeAt(), readsAtMs);
  }

  /** Nothing more is proposed. */
  drain(): void {
    this.#leader?.retire();
  }

  stop(): void {
    this.#peer.stop();
  }

  // For the disk.

  onLogged(zxidHigh: number, zxidLow: number): void {
    this.#journal.onLogged(zxidHigh, zxidLow);
  }

  onDutyDue(): void {
    this.#journal.onDutyDue();
  }

  onDutyDone(duty: Duty): void {
    this.#journal.onDutyDone(duty);
  }

  onDifferent(): void {
    this.#state.figures.digestMismatches += 1;
    if (this.#hasTalliedDifference) return;
    this.#hasTalliedDifference = true;
    this.#state.notice('error', 'the tree differs from the one its leader has', {
      zxid: `0x${this.#state.appliedZxid.toString(16)}`,
    });
  }

  /** Of what came from a leader, a client waits for what it wrote here, in its order. */
  authorOf(sessionHigh: number, sessionLow: number, xid: number, type: number): Connection | null {
    if (this.#learner === null) return null;
    const connection = this.#state.attached.get(sessionHigh, sessionLow);
    if (connection === undefined || connection.queue.isEmpty) return null;
    const opcode = connection.queue.opcodeOfNextWrite(xid);
    if (opcode === 0) return null;
    // What servers do to sessions has no xid of a client's.
    const isOfSessions = type === Opcode.CreateSession || type === Opcode.CloseSession;
    return isOfSessions && opcode !== type ? null : connection;
  }

  // As a service.

  commit(zxidHigh: number, zxidLow: number): void {
    this.#committedHigh = zxidHigh;
    this.#committedLow = zxidLow;
    this.#pipeline.commit(zxidHigh, zxidLow);
  }

  historyReached(zxidHigh: number, zxidLow: number): void {
    this.#pipeline.believe(zxidHigh, zxidLow);
  }

  /** SetDataTxn of a reconfig: path ustring, data buffer, version int. */
  configurationIn(view: DataView, start: number, byteCount: number): Ensemble | null {
    if (byteCount < TXN_HEADER_BYTES) return null;
    if (view.getInt32(start + TxnField.Type) !== Opcode.Reconfig) return null;
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    const reader = new JuteReader();
    reader.reset(bytes, view, start + TXN_HEADER_BYTES, start + byteCount);
    reader.span();
    const data = reader.buffer();
    if (reader.failed || data === null) return null;
    const outcome = parseEnsemble(decodeUtf8(data));
    return outcome.kind === 'ensemble' ? outcome.ensemble : null;
  }

  standpointChanged(standpoint: Standpoint): void {
    const { role } = standpoint;
    const isServing = role !== 'looking' && standpoint.isServing;
    if (!isServing) this.#withdraw();
    this.#onlyReadsAtMs = Number.POSITIVE_INFINITY;
    if (role === 'looking') {
      this.#isPreparing = false;
      this.#awaitReading();
    }
    this.#awaited = isServing ? standpoint : null;
  }

  /** What is logged becomes part of what this server leads with. */
  prepareToLead(): void {
    this.#pipeline.endTolerance();
    this.#pipeline.commitAll();
    this.#isPreparing = true;
  }

  /**
   * One that is about to be applied as a record is left to that, since whoever watches the node is
   * told by it. Others were learnt from other servers, and no record of them may ever come.
   */
  activate(ensemble: Ensemble): void {
    const { tree, wallMs } = this.#state;
    this.#ruling = ensemble;
    if (!this.#isToBeApplied(ensemble.version)) writeConfiguration(tree, ensemble, wallMs);
  }

  request(learner: number, packet: PacketView): void {
    this.#leader?.request(learner, packet);
  }

  revalidate(learner: number, ask: RevalidateAsk): void {
    this.#leader?.revalidate(learner, ask);
  }

  learnerLeft(): void {}

  touchSession(sessionHigh: number, sessionLow: number, timeoutMs: number): void {
    this.#leader?.touch(sessionHigh, sessionLow, timeoutMs);
  }

  writeTouches(out: JuteWriter): void {
    this.#learner?.writeTouches(out);
  }

  revalidated({ sessionHigh, sessionLow, valid }: RevalidateAnswer): void {
    const connection = this.#state.attached.get(sessionHigh, sessionLow);
    if (connection === undefined) return;
    const { handshake, requests } = this.#household;
    handshake.onVouched(connection, valid);
    if (connection.state !== 'gone') requests.drain(connection);
  }

  synced(): void {
    this.#syncs.onSynced(this.#committedHigh, this.#committedLow);
  }

  // As a door.

  quorumOpened(link: number): void {
    this.#peer.quorumOpened(link);
  }

  quorumReceived(link: number, chunk: Uint8Array): void {
    this.#peer.quorumReceived(link, chunk);
  }

  quorumClosed(link: number): void {
    this.#peer.quorumClosed(link);
  }

  dialed(dial: number, link: number): void {
    this.#peer.dialed(dial, link);
  }

  dialFailed(dial: number): void {
    this.#peer.dialFailed(dial);
  }

  listenFailed(reason: string): void {
    this.#peer.listenFailed(reason);
  }

  recycleQuorum(output: QuorumOutput): void {
    this.#peer.recycle(output);
  }

  electionOpened(link: number, dialed: ServerId | null): void {
    this.#peer.electionOpened(link, dialed);
  }

  electionReceived(link: number, chunk: Uint8Array): void {
    this.#peer.electionReceived(link, chunk);
  }

  electionFlushed(link: number): void {
    this.#peer.electionFlushed(link);
  }

  electionClosed(link: number): void {
    this.#peer.electionClosed(link);
  }

  electionDialFailed(id: ServerId): void {
    this.#peer.electionDialFailed(id);
  }

  rebuilt(ticket: number, database: Database): void {
    this.#journal.onRebuilt(ticket, database);
  }

  logRead(reader: number, piece: Uint8Array, end: LogPieceEnd): void {
    this.#archive.onLogRead(reader, piece, end);
  }

  snapshotsPurged(oldestZxid: bigint): void {
    this.#journal.onPurged(oldestZxid);
  }

  takeQuorum(): readonly QuorumOutput[] {
    return this.#peer.takeQuorum();
  }

  takeQuorumOrders(): readonly QuorumOrder[] {
    return this.#peer.takeQuorumOrders();
  }

  takeElection(): readonly LinkOutput[] {
    return this.#peer.takeElection();
  }

  takeElectionOrders(): readonly LinkOrder[] {
    return this.#peer.takeElectionOrders();
  }

  get standpoint(): Standpoint {
    return this.#peer.standpoint;
  }

  get status(): PeerStatus {
    return this.#peer.status;
  }

  get figures(): PeerFigures {
    return this.#peer.figures;
  }

  get ruling(): Ensemble {
    return this.#ruling;
  }

  /** No record has the zxid with which an epoch begins. */
  #isToBeApplied(zxid: bigint): boolean {
    const committed = (BigInt(this.#committedHigh) << 32n) | BigInt(this.#committedLow >>> 0);
    return zxid > this.#state.appliedZxid && zxid <= committed && BigInt.asUintN(32, zxid) !== 0n;
  }

  #release(waiter: Connection | Doubt): void {
    const { handshake, requests } = this.#household;
    if (waiter instanceof Connection) {
      if (waiter.state !== 'gone') requests.drain(waiter);
    } else if (waiter.client instanceof Connection) {
      handshake.onProven(waiter.client, waiter.ask);
    } else {
      this.#leader?.vouch(waiter.client, waiter.ask);
    }
  }

  // Inside: from part to part.

  /** Nobody is served any more; what is not agreed may still turn out either way. */
  #withdraw(): void {
    const state = this.#state;
    const hasServed = state.part.mode !== 'none';
    // What is agreed already is answered: who is let go because a change of members is through would
    // else never hear of it.
    if (hasServed) this.#pipeline.applyCommitted();
    this.#pipeline.beginTolerance();
    if (!hasServed) return;
    for (const connection of state.connections.values()) {
      if (connection.state !== 'greeting') state.close(connection, null);
    }
    this.#leader?.end();
    this.#leader = null;
    this.#learner = null;
    this.#syncs.clear();
    state.sessions.expectNothing();
    // Who was only to read has got nothing that others could know of.
    if (state.part.onlyReads && !state.settings.localSessions) state.localSessions.clear();
    state.part = new Absent();
  }

  /** Whoever finds a leader at all finds one sooner. */
  #awaitReading(): void {
    const { settings, nowMs } = this.#state;
    if (!settings.readOnlyMode || !this.#isWhole) return;
    this.#onlyReadsAtMs = nowMs + Math.max(READING_MS_MIN, settings.tickMs);
  }

  /** What waits for service is in memory until it is applied; with much of it, some is applied before. */
  #makeRoom(): void {
    const { catchUpBytesMax } = this.#membership.peer;
    if (this.#state.part.mode !== 'none') return;
    if (this.#pipeline.backlogBytes <= catchUpBytesMax / 2) return;
    this.#isWhole = false;
    this.#pipeline.commitAhead();
  }

  #serveReaders(): void {
    const { settings, localSessions, wallMs } = this.#state;
    this.#onlyReadsAtMs = Number.POSITIVE_INFINITY;
    this.#state.part = new ReadOnly(this.#state, this.#epoch);
    localSessions.renewAll();
    this.#household.handshake.start(wallMs);
    this.#state.notice('warn', 'only reading', {
      withoutLeaderMs: Math.max(READING_MS_MIN, settings.tickMs),
    });
  }

  #serve(standpoint: Standpoint): void {
    if (standpoint.role === 'looking') return;
    this.#awaited = null;
    this.#isWhole = true;
    this.#epoch = standpoint.epoch;
    const { sessions, localSessions } = this.#state;
    localSessions.settle(sessions);
    localSessions.renewAll();
    this.servingSinceMs = this.#state.nowMs;
    if (standpoint.role === 'leading') this.#lead(standpoint.epoch);
    else this.#learn(standpoint.role === 'following' ? 'follower' : 'observer', standpoint.epoch);
    this.#household.handshake.start(this.#state.wallMs);
    this.#household.onServing();
  }

  #lead(epoch: number): void {
    const state = this.#state;
    const proposals = new Proposals(
      state,
      this.#pipeline,
      this.#peer,
      new PeerMembers(this.#peer),
      epoch,
      0,
    );
    const { peer, leaderServes } = this.#membership;
    this.#pipeline.endTolerance();
    this.#leader = new Leader(state, this.#peer, proposals, this.#syncs, this.#authors, {
      epoch,
      proposalsMax: peer.proposalsMax,
      servesClients: leaderServes,
    });
    state.part = this.#leader;
    // Nobody knows who has spoken to whom lately.
    state.sessions.renewAll();
  }

  #learn(mode: 'follower' | 'observer', epoch: number): void {
    const { forwardedBytesMax: bytesMax } = this.#membership.peer;
    this.#learner = new Learner(this.#state, this.#peer, this.#syncs, mode, epoch, bytesMax);
    this.#state.part = this.#learner;
  }

  #adopt(database: Database): void {
    const { requests } = this.#household;
    // What it was sent may be half of what there is, until all that belongs to it has come.
    this.#isWhole = false;
    this.#onlyReadsAtMs = Number.POSITIVE_INFINITY;
    this.#state.adopt(database);
    this.#pipeline.adopt();
    requests.adopt();
    writeConfiguration(this.#state.tree, this.#ruling, this.#state.wallMs);
  }
}
