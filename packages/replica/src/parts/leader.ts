/**
 * The leader of an ensemble towards clients, its own and those of its learners: it decides about
 * every write, in the order in which they come, and knows on which server each session is.
 *
 * A learner waits for exactly one transaction for each of its requests, so whatever cannot be done
 * becomes a transaction that says so.
 */
import {
  Identities,
  IdMap,
  internalWrites,
  type Prepare,
  Session,
  type SessionView,
  writes,
} from '@zabra/tree';
import {
  ErrorCode,
  ForwardedRequestView,
  Opcode,
  type PacketView,
  type RevalidateAsk,
} from '@zabra/wire';
import { OWN_ORIGIN, type Peer } from '@zabra/zab';
import type { Connection } from '../connection.ts';
import type { Authors } from '../ensemble/authors.ts';
import type { Doubt, SyncQueue } from '../ensemble/sync-queue.ts';
import type { Proposals } from '../proposals.ts';
import type { ServerState } from '../state.ts';
import type { Claim, Part } from './part.ts';
import { Strangers } from './strangers.ts';

const NOBODY = new Identities([]);
const TIMEOUT_BYTES = 4;
/** So many learners' clients wait for the end of a session; others are told at once that it ends. */
const UNDECIDED_MAX = 1024;

export interface Term {
  readonly epoch: number;
  /** After so many the term ends. */
  readonly proposalsMax: number;
  readonly servesClients: boolean;
}

export class Leader implements Part {
  readonly mode = 'leader';
  readonly isServing: boolean;
  readonly onlyReads = false;
  readonly givesLocalSessions: boolean;
  readonly governs = true;
  readonly asksToSync = true;
  readonly floorZxid: bigint;
  readonly #state: ServerState;
  readonly #peer: Peer;
  readonly #proposals: Proposals;
  readonly #syncs: SyncQueue;
  readonly #proposalsMax: number;
  readonly #authors: Authors;
  readonly #request = new ForwardedRequestView();
  /** The link behind which a session is, or `OWN_ORIGIN`; whoever writes first has it. */
  readonly #owners = new IdMap<number>();
  readonly #strangers: Strangers;
  /** Who asks for sessions that are being ended. */
  #undecided: { readonly learner: number; readonly ask: RevalidateAsk }[] = [];
  #isRetired = false;

  constructor(
    state: ServerState,
    peer: Peer,
    proposals: Proposals,
    syncs: SyncQueue,
    authors: Authors,
    { epoch, proposalsMax, servesClients }: Term,
  ) {
    this.isServing = servesClients;
    this.givesLocalSessions = state.settings.localSessions;
    this.#state = state;
    this.#peer = peer;
    this.#proposals = proposals;
    this.#syncs = syncs;
    this.#authors = authors;
    this.#proposalsMax = proposalsMax;
    this.#strangers = new Strangers(state.settings);
    this.floorZxid = BigInt(epoch) << 32n;
  }

  get isClogged(): boolean {
    return !this.#peer.canPropose;
  }

  write(
    author: Connection | null,
    session: Session,
    identities: Identities,
    xid: number,
    opcode: number,
    prepare: Prepare,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): boolean {
    const { high, low } = session;
    // The term is about to end, and with it every connection.
    if (this.#isExhausted) return true;
    const isOwned = author !== null && !session.isLocal;
    if (isOwned && !this.#owns(OWN_ORIGIN, high, low)) {
      this.#proposals.refuse(author, high, low, xid, opcode, ErrorCode.SessionMoved);
      return true;
    }
    return this.#proposals.propose(
      author,
      session,
      identities,
      xid,
      opcode,
      prepare,
      bytes,
      view,
      start,
      end,
    );
  }

  sync(connection: Connection): void {
    if (this.#peer.sync(OWN_ORIGIN)) this.#syncs.ask(connection);
    else this.#state.close(connection, 'too many syncs are under way');
  }

  releaseSync(connection: Connection): void {
    this.#syncs.release(connection);
  }

  claim(connection: Connection, sessionHigh: number, sessionLow: number, leaseMs: number): Claim {
    const { sessions, localSessions } = this.#state;
    if (localSessions.get(sessionHigh, sessionLow) !== undefined) return 'here';
    // One that was local until now may have its beginning still to come.
    const session = sessions.find(sessionHigh, sessionLow);
    if (session === undefined) {
      const ask = { sessionHigh, sessionLow, timeoutMs: leaseMs };
      return this.#doubts({ client: connection, ask }) ? 'doubted' : 'elsewhere';
    }
    if (session.closing) return 'ending';
    this.#owners.set(sessionHigh, sessionLow, OWN_ORIGIN);
    return 'here';
  }

  onSessionClosed(sessionHigh: number, sessionLow: number): void {
    this.#owners.delete(sessionHigh, sessionLow);
    this.#strangers.onEnded(sessionHigh, sessionLow);
    const told = this.#undecided.filter(({ ask }) => isOf(ask, sessionHigh, sessionLow));
    if (told.length === 0) return;
    this.#undecided = this.#undecided.filter((one) => !told.includes(one));
    for (const { learner } of told) {
      this.#peer.answerRevalidation(learner, { sessionHigh, sessionLow, valid: false });
    }
  }

  // For learners.

  /** From now on it takes nothing from learners: what they ask for is not agreed on here any more. */
  retire(): void {
    this.#isRetired = true;
  }

  /** What a learner's client asks for. */
  request(learner: number, packet: PacketView): void {
    const request = this.#request;
    if (!request.reset(packet) || this.#isExhausted || this.#isRetired) return;
    const { sessionHigh, sessionLow, cxid, op } = request;
    if (op === Opcode.Sync) {
      this.#peer.sync(learner);
      return;
    }
    const session = this.#sessionOf(learner, packet);
    const prepare = internalWrites.get(op) ?? writes.get(op);
    let error: number = ErrorCode.Ok;
    if (typeof session === 'number') error = session;
    else if (prepare === undefined || op === Opcode.DeleteContainer)
      error = ErrorCode.Unimplemented;
    else if (!this.#prepare(session, prepare, packet)) error = ErrorCode.MarshallingError;
    if (error === ErrorCode.Ok) return;
    this.#proposals.refuse(null, sessionHigh, sessionLow, cxid, op, error);
  }

  /** A session that is not known here may have begun under another leader since. */
  revalidate(learner: number, ask: RevalidateAsk): void {
    const session = this.#state.sessions.find(ask.sessionHigh, ask.sessionLow);
    if (session !== undefined) this.vouch(learner, ask);
    else this.#doubts({ client: learner, ask: { ...ask } });
  }

  /**
   * What is known counts: a learner is where the session is, if there is such a session still. While it
   * is being ended nobody knows: the transaction may yet be lost with this term.
   */
  vouch(learner: number, ask: RevalidateAsk): void {
    const { sessionHigh, sessionLow, timeoutMs } = ask;
    const { sessions, attached } = this.#state;
    const session = sessions.find(sessionHigh, sessionLow);
    if (session?.closing === true && this.#undecided.length < UNDECIDED_MAX) {
      this.#undecided.push({ learner, ask: { ...ask } });
      return;
    }
    const valid = session !== undefined && !session.closing;
    if (valid) {
      session.leaseMs = timeoutMs;
      sessions.touch(session);
      this.#owners.set(sessionHigh, sessionLow, learner);
      const connection = attached.get(sessionHigh, sessionLow);
      if (connection !== undefined) {
        this.#state.close(connection, 'its session came back on another server');
      }
    }
    this.#peer.answerRevalidation(learner, { sessionHigh, sessionLow, valid });
  }

  /** A learner has heard from a session. */
  touch(sessionHigh: number, sessionLow: number, timeoutMs: number): void {
    const session = this.#state.sessions.get(sessionHigh, sessionLow);
    if (session === undefined) return;
    session.leaseMs = timeoutMs;
    this.#state.sessions.touch(session);
  }

  /** What was prepared and is not agreed may never be. */
  end(): void {
    this.#proposals.abandon();
  }

  /** The session a request is of; an error where it cannot be done in its name. */
  #sessionOf(learner: number, packet: PacketView): SessionView | number {
    const { sessions } = this.#state;
    const { sessionHigh, sessionLow, op, bodyStart, bodyLength } = this.#request;
    const session = sessions.find(sessionHigh, sessionLow);
    if (op === Opcode.CreateSession) {
      if (bodyLength < TIMEOUT_BYTES) return ErrorCode.MarshallingError;
      const timeoutMs = packet.view.getInt32(bodyStart);
      this.#owners.set(sessionHigh, sessionLow, learner);
      const fresh = session ?? new Session(sessionHigh, sessionLow, timeoutMs);
      if (session === undefined) sessions.expect(fresh);
      return fresh;
    }
    if (op === Opcode.CloseSession) return session ?? new Session(sessionHigh, sessionLow, 0);
    if (session === undefined) {
      return this.#strangers.get(sessionHigh, sessionLow) ?? ErrorCode.SessionExpired;
    }
    if (session.closing) return ErrorCode.SessionExpired;
    if (!this.#owns(learner, sessionHigh, sessionLow)) return ErrorCode.SessionMoved;
    return session;
  }

  /** Has a quorum say that this is still the leader; false where too many wait for that. */
  #doubts(doubt: Doubt): boolean {
    const isAsked = this.#peer.sync(OWN_ORIGIN);
    if (isAsked) this.#syncs.ask(doubt);
    return isAsked;
  }

  #prepare(session: SessionView, prepare: Prepare, packet: PacketView): boolean {
    const { cxid, op, bodyStart, bodyLength } = this.#request;
    const isOwn = op === Opcode.CreateSession || op === Opcode.CloseSession;
    return this.#proposals.propose(
      null,
      session,
      isOwn ? NOBODY : this.#authors.identitiesOf(packet),
      cxid,
      op,
      prepare,
      packet.bytes,
      packet.view,
      bodyStart,
      bodyStart + bodyLength,
    );
  }

  #owns(origin: number, sessionHigh: number, sessionLow: number): boolean {
    const owner = this.#owners.get(sessionHigh, sessionLow);
    if (owner === undefined) this.#owners.set(sessionHigh, sessionLow, origin);
    return owner === undefined || owner === origin;
  }

  get #isExhausted(): boolean {
    return this.#proposals.counter >= this.#proposalsMax;
  }
}

function isOf(ask: RevalidateAsk, sessionHigh: number, sessionLow: number): boolean {
  return ask.sessionHigh === sessionHigh && ask.sessionLow === sessionLow;
}
