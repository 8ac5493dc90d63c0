/** What the words tell of the ensemble that a server is a member of. */
import type { PeerStatus } from '@zabra/zab';

export interface EnsembleView {
  readonly status: PeerStatus;
  /** Whoever is in the configuration that rules, with a vote or without. */
  readonly memberCount: number;
  /** Since when it plays its part, on the monotonic clock. */
  readonly servingSinceMs: number;
}
