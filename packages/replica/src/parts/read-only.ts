/**
 * A member without a leader that answers what it can: clients that have said that reading will do get
 * a session of this server alone, and everything that would have to be agreed on is refused. Nothing
 * that happens here is written down, so nothing of it is left when there is a leader again.
 */
import { assert } from '@zabra/wire';
import type { Connection } from '../connection.ts';
import type { ServerState } from '../state.ts';
import type { Claim, Part } from './part.ts';

export class ReadOnly implements Part {
  readonly mode = 'read-only';
  readonly isServing = true;
  readonly onlyReads = true;
  readonly givesLocalSessions = true;
  readonly governs = false;
  readonly asksToSync = false;
  readonly isClogged = false;
  readonly floorZxid: bigint;
  readonly #state: ServerState;

  /** The epoch is the last one in which there was a leader. */
  constructor(state: ServerState, epoch: number) {
    this.#state = state;
    this.floorZxid = BigInt(epoch) << 32n;
  }

  write(): boolean {
    assert(false, 'nobody writes where there is only reading');
  }

  sync(): void {}

  releaseSync(): void {}

  /** Of any session but its own it cannot say that it has ended: the others may know better. */
  claim(_connection: Connection, sessionHigh: number, sessionLow: number): Claim {
    return this.#state.localSessions.get(sessionHigh, sessionLow) === undefined
      ? 'elsewhere'
      : 'here';
  }

  onSessionClosed(): void {}
}
