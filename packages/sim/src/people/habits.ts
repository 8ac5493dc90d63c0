/** What the clients of a world are like, drawn before it begins; plain data. */
import type { SessionSettings } from '@zabra/client/session';
import type { Random } from '../time/random.ts';

export interface ClientHabits {
  /** How many operations each asks for in its life. */
  readonly operations: number;
  readonly burstMax: number;
  readonly thinkMs: number;
  readonly timeoutMs: number;
  /** How many in a thousand bursts are followed by a sleep. */
  readonly napsPerThousand: number;
  /** How many of them take a server that only reads. */
  readonly onlyReads: number;
  /** What their sessions are told beyond the servers. */
  readonly session: Partial<SessionSettings>;
}

export function habitsOf(
  random: Random,
  operations: number,
  busyMs: number,
): Omit<ClientHabits, 'onlyReads'> {
  const timeoutMs = random.pick([4000, 6000, 12_000]);
  return {
    operations,
    burstMax: random.pick([1, 4, 12]),
    // So that what is asked for takes up most of the time in which faults are struck.
    thinkMs: random.pick([busyMs / operations / 2, busyMs / operations / 8]),
    timeoutMs,
    napsPerThousand: random.pick([0, 0, 10]),
    session: {
      timeoutMs,
      connectTimeoutMs: random.pick([1000, 10_000]),
      requestTimeoutMs: random.pick([2000, Number.MAX_SAFE_INTEGER]),
      offlineWaitMs: random.pick([0, 1500, 30_000]),
      jitterMsMax: random.pick([0, 100, 1000]),
      roundPauseMs: random.pick([50, 200, 1000]),
      inFlightRequestsMax: random.pick([2, 8, 1024]),
      // Less than two paths, a few, or all of them in a piece.
      replayBytesMax: random.pick([8, 40, 128 * 1024]),
    },
  };
}
