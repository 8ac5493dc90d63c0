/**
 * What a change of the members has to know of the ensemble. Who they are, and who is there, is
 * known where servers agree; here only the question is asked.
 */
import type { Ensemble } from '@zabra/wire';

export interface Members {
  /** The newest configuration that anybody may hold to. */
  readonly newest: Ensemble;
  /** Another change is on its way. */
  readonly isChanging: boolean;
  /** Whether a quorum of these is here and has everything. */
  hasQuorumOf(ensemble: Ensemble): boolean;
}
