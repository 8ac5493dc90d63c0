/**
 * The first frame of a connection: a new session, or an old one coming back.
 *
 * ConnectRequest: protocolVersion int, lastZxidSeen long, timeOut int, sessionId long, passwd
 * buffer [, readOnly boolean]. ConnectResponse: protocolVersion int, timeOut int, sessionId long,
 * passwd buffer [, readOnly boolean].
 */
import { Identities, internalWrites, Session } from '@zabra/tree';
import {
  JuteReader,
  Opcode,
  type RevalidateAsk,
  SESSION_PASSWORD_BYTES,
  sessionPassword,
} from '@zabra/wire';
import { Chance } from './chance.ts';
import type { Connection } from './connection.ts';
import { ConnectionThrottle } from './connection-throttle.ts';
import type { Pipeline } from './pipeline.ts';
import { drawStart, SessionIds } from './session-ids.ts';
import type { ServerState } from './state.ts';
import { Waiting } from './wait-queue.ts';

const NOBODY = new Identities([]);
const NO_BYTES = new Uint8Array(0);
const NO_VIEW = new DataView(NO_BYTES.buffer);
const NO_PASSWORD = new Uint8Array(SESSION_PASSWORD_BYTES);

export class Handshake {
  readonly #state: ServerState;
  readonly #pipeline: Pipeline;
  readonly #throttle: ConnectionThrottle;
  readonly #reader = new JuteReader();
  readonly #ids: SessionIds;
  readonly #isTaken = (high: number, low: number): boolean =>
    this.#state.sessions.find(high, low) !== undefined ||
    this.#state.localSessions.get(high, low) !== undefined;

  constructor(state: ServerState, pipeline: Pipeline) {
    this.#state = state;
    this.#pipeline = pipeline;
    const { connectionThrottle, seed, serverId } = state.settings;
    this.#ids = new SessionIds(serverId);
    this.#throttle = new ConnectionThrottle(connectionThrottle, new Chance(seed));
  }

  start(wallMs: number): void {
    const { settings, appliedZxid } = this.#state;
    this.#ids.begin(drawStart(settings.seed, wallMs, appliedZxid));
  }

  /** The frame in bytes[start, end). */
  handle(
    connection: Connection,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): void {
    const state = this.#state;
    const reader = this.#reader.reset(bytes, view, start, end);
    reader.int();
    const zxidSeen = reader.long();
    const requestedMs = reader.int();
    const high = reader.int();
    const low = reader.int();
    const password = reader.buffer();
    state.figures.packetsReceived += 1;
    connection.received += 1;
    if (!state.part.isServing) {
      state.close(connection, 'no clients are served at the moment');
      return;
    }
    if (reader.failed) {
      state.figures.handshakesFailed += 1;
      state.close(connection, 'its first frame is no connect request');
      return;
    }
    connection.knowsReadOnly = reader.remaining > 0;
    const willOnlyRead = connection.knowsReadOnly && reader.boolean();
    if (!this.#throttle.admits(high !== 0 || low !== 0, state.nowMs)) {
      state.figures.connectionsRejected += 1;
      state.close(connection, 'connections come too fast');
      return;
    }
    if (state.part.onlyReads && !willOnlyRead) {
      state.close(connection, 'there is no leader, and reading will not do for it');
      return;
    }
    if (zxidSeen > state.appliedZxid && zxidSeen > state.part.floorZxid) {
      const seen = zxidSeen.toString(16);
      state.close(connection, `it has seen zxid 0x${seen}, which this server has not reached`);
      return;
    }
    const { sessionTimeoutMsMin, sessionTimeoutMsMax } = state.settings;
    const leaseMs = Math.min(Math.max(requestedMs, sessionTimeoutMsMin), sessionTimeoutMsMax);
    state.greeting.delete(connection);
    connection.state = 'serving';
    if (high === 0 && low === 0) this.#create(connection, leaseMs);
    else this.#attach(connection, high, low, password, leaseMs);
  }

  /** The session is there, and nothing of it under way: now its owner may know. */
  onReady(connection: Connection): void {
    const session = connection.session!;
    if (connection.state !== 'gone') this.#welcome(connection, session, session.leaseMs);
  }

  /** What the leader says of a session that has come here. */
  onVouched(connection: Connection, isValid: boolean): void {
    const { queue } = connection;
    if (connection.state === 'gone' || queue.isEmpty || queue.kind !== Waiting.Greeting) return;
    queue.pop();
    if (isValid) {
      this.onReady(connection);
      return;
    }
    this.#state.sessions.unexpect(connection.session!);
    this.#turnAway(connection);
  }

  /**
   * This leader did not know the session, and has proved since that it leads: now it is gone, if it was
   * not on its way here.
   */
  onProven(connection: Connection, { sessionHigh, sessionLow, timeoutMs }: RevalidateAsk): void {
    if (connection.state === 'gone') return;
    const isKnown = this.#state.sessions.find(sessionHigh, sessionLow) !== undefined;
    if (isKnown) this.#claim(connection, sessionHigh, sessionLow, timeoutMs);
    else this.#turnAway(connection);
  }

  #turnAway(connection: Connection): void {
    this.#welcome(connection, null, 0);
    this.#state.close(connection, null);
  }

  #create(connection: Connection, leaseMs: number): void {
    this.#ids.advance(this.#isTaken);
    const session = new Session(this.#ids.high, this.#ids.low, leaseMs);
    if (this.#state.part.givesLocalSessions) {
      this.#state.localSessions.open(session);
      this.#bind(connection, session);
      this.#welcome(connection, session, leaseMs);
      return;
    }
    this.#state.sessions.expect(session);
    this.#bind(connection, session);
    const prepare = internalWrites.get(Opcode.CreateSession)!;
    const opcode = Opcode.CreateSession;
    this.#state.part.write(
      connection,
      session,
      NOBODY,
      0,
      opcode,
      prepare,
      NO_BYTES,
      NO_VIEW,
      0,
      0,
    );
  }

  #attach(
    connection: Connection,
    high: number,
    low: number,
    password: Uint8Array | null,
    leaseMs: number,
  ): void {
    this.#state.figures.sessionsReturned += 1;
    // The password comes first: a stranger with a right id must not disturb the session's owner.
    if (isPassword(password, high, low)) this.#claim(connection, high, low, leaseMs);
    else this.#turnAway(connection);
  }

  #claim(connection: Connection, high: number, low: number, leaseMs: number): void {
    const state = this.#state;
    const claim = state.part.claim(connection, high, low, leaseMs);
    // It has no session as yet, and is not read.
    if (claim === 'doubted') return;
    if (claim === 'gone') {
      this.#turnAway(connection);
      return;
    }
    if (claim === 'ending') {
      // Its end may be lost with this server yet: who comes again will hear the truth.
      state.close(connection, 'its session is being ended');
      return;
    }
    if (claim === 'elsewhere') {
      state.close(connection, 'there is no leader to ask about its session');
      return;
    }
    const session = state.localSessions.get(high, low) ?? state.sessions.find(high, low)!;
    const previous = state.attached.get(high, low);
    if (previous !== undefined)
      state.close(previous, 'its session came back on another connection');
    session.leaseMs = leaseMs;
    state.touch(session);
    this.#bind(connection, session);
    if (claim === 'asked') {
      connection.queue.pushGreeting(state.nowMs);
      return;
    }
    // What the session still has under way comes first: nobody may look for it in vain.
    if (this.#pipeline.isQuiet(session, connection)) this.#welcome(connection, session, leaseMs);
    else connection.queue.pushWrite(0, Opcode.CreateSession, state.nowMs, 0);
  }

  #bind(connection: Connection, session: Session): void {
    connection.session = session;
    this.#state.attached.set(session.high, session.low, connection);
  }

  /** A response without a session says that it has expired. */
  #welcome(connection: Connection, session: Session | null, leaseMs: number): void {
    const state = this.#state;
    const out = state.outputOf(connection);
    const start = out.position;
    out.int(0);
    out.int(0);
    out.int(leaseMs);
    out.long2(session?.high ?? 0, session?.low ?? 0);
    out.buffer(session === null ? NO_PASSWORD : sessionPassword(session.high, session.low));
    if (connection.knowsReadOnly) out.boolean(state.part.onlyReads);
    out.view.setInt32(start, out.position - start - 4);
    connection.sent += 1;
    state.figures.packetsSent += 1;
  }
}

function isPassword(password: Uint8Array | null, high: number, low: number): boolean {
  const expected = sessionPassword(high, low);
  if (password === null || password.length !== expected.length) return false;
  let difference = 0;
  for (let i = 0; i < expected.length; i += 1) difference |= expected[i]! ^ password[i]!;
  return difference === 0;
}
