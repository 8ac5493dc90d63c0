/** What the words tell of the ensemble that a server is a member of. */
import type { Ensemble } from '@zabra/wire';
import type { PeerFigures, PeerStatus } from '@zabra/zab';

export interface EnsembleView {
  readonly status: PeerStatus;
  readonly figures: PeerFigures;
  /** The configuration that rules, as far as this server knows. */
  readonly ruling: Ensemble;
  /** Since when it plays its part, on the monotonic clock. */
  readonly servingSinceMs: number;
}
