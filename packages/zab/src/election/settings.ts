/** What an election is told about its own server once and for all. */
import type { ServerId } from '@zabra/wire';

export interface ElectionSettings {
  readonly id: ServerId;
  /** Whether configurations that others have committed are taken over from their votes. */
  readonly reconfigEnabled: boolean;
  /** How long it must be quiet before a quorum's vote counts as the last word. */
  readonly settleMs: number;
  /** Whether it need not be quiet where no voter is left who could break it. Apache's servers wait. */
  readonly settlesEarly: boolean;
  /** How long to wait for others before votes are repeated: at first, and after many times. */
  readonly repeatMsMin: number;
  readonly repeatMsMax: number;
}

/**
 * Apache's figures but the first, which is 200 there. It is waited for only where a voter can be
 * reached and says nothing; to choose without one that has more costs at most another election.
 */
export const ELECTION_TIMES: Omit<ElectionSettings, 'id' | 'reconfigEnabled'> = {
  settleMs: 100,
  settlesEarly: true,
  repeatMsMin: 200,
  repeatMsMax: 60_000,
};
