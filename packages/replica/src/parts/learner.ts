/**
 * A follower or an observer towards its clients. Writes and syncs go to the leader, in the order in
 * which they came; the leader answers each write with one transaction, and is asked about sessions
 * that come here. Sessions run out there, so it is told who has spoken.
 */
import { type Identities, type Prepare, Session } from '@zabra/tree';
import { appendSessionTouch, encodeAuthinfo, JuteWriter, Opcode } from '@zabra/wire';
import type { Peer } from '@zabra/zab';
import type { Connection } from '../connection.ts';
import type { SyncQueue } from '../ensemble/sync-queue.ts';
import { isHeldBack } from '../owed.ts';
import type { ServerState } from '../state.ts';
import type { Claim, Part } from './part.ts';

/** What a leader makes of a request is longer by about so much. */
const RECORD_BYTES = 128;
/** A null list: nobody asks, the server does. */
const NO_AUTHINFO = Uint8Array.of(0xff, 0xff, 0xff, 0xff);

export class Learner implements Part {
  readonly mode: 'follower' | 'observer';
  readonly isServing = true;
  readonly onlyReads = false;
  readonly givesLocalSessions: boolean;
  readonly governs = false;
  readonly asksToSync = true;
  readonly floorZxid: bigint;
  readonly #state: ServerState;
  readonly #peer: Peer;
  readonly #syncs: SyncQueue;
  readonly #forwardedBytesMax: number;
  readonly #timeout = new JuteWriter(4);
  /** Identities are replaced, never changed. */
  readonly #authinfos = new WeakMap<Identities, Uint8Array>();

  constructor(
    state: ServerState,
    peer: Peer,
    syncs: SyncQueue,
    mode: 'follower' | 'observer',
    epoch: number,
    forwardedBytesMax: number,
  ) {
    this.givesLocalSessions = state.settings.localSessions;
    this.#state = state;
    this.#peer = peer;
    this.#syncs = syncs;
    this.#forwardedBytesMax = forwardedBytesMax;
    this.mode = mode;
    this.floorZxid = BigInt(epoch) << 32n;
  }

  /** The leader cannot make a learner wait, whose acknowledgements come on the same link. */
  get isClogged(): boolean {
    const isMuch = this.#state.waiting.forwardedBytes >= this.#forwardedBytesMax;
    return isMuch || !this.#peer.canForward;
  }

  write(
    author: Connection | null,
    session: Session,
    identities: Identities,
    xid: number,
    opcode: number,
    _prepare: Prepare,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): boolean {
    const { high, low } = session;
    if (opcode === Opcode.CreateSession) {
      const timeout = this.#timeout;
      timeout.position = 0;
      timeout.int(session.timeoutMs);
      this.#forward(high, low, xid, opcode, timeout.bytes, timeout.view, 0, 4, NO_AUTHINFO);
    } else {
      const authinfo = this.#authinfoOf(identities);
      this.#forward(high, low, xid, opcode, bytes, view, start, end, authinfo);
    }
    if (author === null) return true;
    const arrivedMs = Math.min(this.#state.nowMs, author.waitingSinceMs);
    author.queue.pushWrite(xid, opcode, arrivedMs, end - start + RECORD_BYTES);
    return true;
  }

  sync(
    connection: Connection,
    xid: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): void {
    const { high, low } = connection.session!;
    const authinfo = this.#authinfoOf(connection.identities);
    this.#forward(high, low, xid, Opcode.Sync, bytes, view, start, end, authinfo);
    this.#syncs.ask(connection);
  }

  releaseSync(connection: Connection): void {
    this.#syncs.release(connection);
  }

  /** Only the leader knows whether a session still lives, be it known here or not: all but its own. */
  claim(_connection: Connection, sessionHigh: number, sessionLow: number, leaseMs: number): Claim {
    const { sessions, localSessions } = this.#state;
    if (localSessions.get(sessionHigh, sessionLow) !== undefined) return 'here';
    if (sessions.find(sessionHigh, sessionLow) === undefined) {
      sessions.expect(new Session(sessionHigh, sessionLow, leaseMs));
    }
    this.#peer.revalidate({ sessionHigh, sessionLow, timeoutMs: leaseMs });
    return 'asked';
  }

  onSessionClosed(): void {}

  /** Says which sessions have spoken since this was last asked. */
  writeTouches(out: JuteWriter): void {
    for (const connection of this.#state.attached.values()) {
      const { session } = connection;
      if (session === null || session.isLocal) continue;
      // Who is not listened to may have spoken.
      if (!session.wasTouched && !isHeldBack(connection)) continue;
      session.wasTouched = false;
      appendSessionTouch(out, session.high, session.low, session.leaseMs);
    }
  }

  #forward(
    sessionHigh: number,
    sessionLow: number,
    xid: number,
    opcode: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
    authinfo: Uint8Array,
  ): void {
    this.#peer.forward(
      sessionHigh,
      sessionLow,
      xid,
      opcode,
      bytes,
      view,
      start,
      end - start,
      authinfo,
    );
  }

  #authinfoOf(identities: Identities): Uint8Array {
    let authinfo = this.#authinfos.get(identities);
    if (authinfo === undefined) {
      const writer = new JuteWriter(64);
      encodeAuthinfo(writer, identities.list);
      authinfo = writer.finish();
      this.#authinfos.set(identities, authinfo);
    }
    return authinfo;
  }
}
