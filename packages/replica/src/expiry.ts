/**
 * Ends what has been silent for too long: sessions whose lease ran out, by a transaction each, and
 * connections that never opened one. A crowd that runs out at the same tick is ended over several
 * turns; whoever speaks up meanwhile stays. In an ensemble only the leader ends its sessions, and each
 * server those that are its own.
 */
import { Identities, internalWrites, type Session } from '@zabra/tree';
import { Opcode } from '@zabra/wire';
import { isHeldBack } from './owed.ts';
import type { ServerState } from './state.ts';

/** Sessions ended in one turn at most. */
const EXPIRIES_PER_TURN = 500;
const NOBODY = new Identities([]);
const NO_BYTES = new Uint8Array(0);
const NO_VIEW = new DataView(NO_BYTES.buffer);

export class Expiry {
  readonly #state: ServerState;
  /** Sessions that ran out and are not ended yet, the first to go last. */
  #due: Session[] = [];

  constructor(state: ServerState) {
    this.#state = state;
  }

  /** Whether a turn would get on with it. */
  get hasWork(): boolean {
    return this.#due.length > 0 && this.#canEnd;
  }

  nextDueMs(): number {
    const { sessions, localSessions } = this.#state;
    return Math.min(
      this.#canEnd ? sessions.nextDueMs() : Number.POSITIVE_INFINITY,
      this.#hears ? localSessions.table.nextDueMs() : Number.POSITIVE_INFINITY,
      this.#greetingDueMs(),
    );
  }

  turn(): void {
    if (this.#canEnd) this.#endDue();
    if (this.#hears && this.#state.localSessions.size > 0) this.#endLocal();
    this.#closeStrangers();
  }

  #endDue(): void {
    const expired = this.#state.sessions.takeExpired();
    if (expired.length > 0) this.#due = [...expired.reverse(), ...this.#due];
    for (let i = 0; i < EXPIRIES_PER_TURN; i += 1) {
      const session = this.#due.pop();
      if (session === undefined) break;
      this.#judge(session);
    }
  }

  /** Local sessions end here and now, without a transaction. */
  #endLocal(): void {
    const { localSessions, attached } = this.#state;
    for (const session of localSessions.table.takeExpired()) {
      const connection = attached.get(session.high, session.low);
      if (connection !== undefined && isHeldBack(connection)) {
        localSessions.table.touch(session);
        continue;
      }
      this.#tell(session);
      localSessions.close(session);
      if (connection !== undefined) this.#state.close(connection, null);
    }
  }

  /** Another part is played from now on; whoever is due is found again. */
  startOver(): void {
    this.#due = [];
  }

  /** Whether clients can be heard at all. */
  get #hears(): boolean {
    return this.#state.part.isServing;
  }

  get #canEnd(): boolean {
    const { governs, isClogged } = this.#state.part;
    return governs && !isClogged;
  }

  #judge(session: Session): void {
    const { sessions, attached, nowMs } = this.#state;
    if (session.closing || session.deadlineMs > nowMs) return;
    const connection = attached.get(session.high, session.low);
    if (connection !== undefined && isHeldBack(connection)) {
      // It may have spoken, but was not listened to.
      sessions.touch(session);
      return;
    }
    this.#tell(session);
    const opcode = Opcode.CloseSession;
    const prepare = internalWrites.get(opcode)!;
    this.#state.part.write(null, session, NOBODY, 0, opcode, prepare, NO_BYTES, NO_VIEW, 0, 0);
  }

  #tell({ text, leaseMs }: Session): void {
    this.#state.figures.sessionsExpired += 1;
    this.#state.notice('info', 'session expired', { session: text, leaseMs });
  }

  #closeStrangers(): void {
    const { greeting, figures, settings, nowMs } = this.#state;
    for (const connection of greeting) {
      if (connection.openedMs + settings.sessionlessTimeoutMs > nowMs) return;
      figures.sessionlessExpired += 1;
      this.#state.close(connection, 'it did not open a session in time');
    }
  }

  #greetingDueMs(): number {
    for (const { openedMs } of this.#state.greeting) {
      return openedMs + this.#state.settings.sessionlessTimeoutMs;
    }
    return Number.POSITIVE_INFINITY;
  }
}
