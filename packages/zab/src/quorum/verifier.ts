/**
 * What makes a quorum. Any two quorums of one verifier share a member; on that alone rests that no
 * two leaders are elected side by side and that nothing committed is forgotten.
 */
import type { ServerId } from '@zabra/wire';

export interface QuorumVerifier {
  /** Those whose word counts. */
  readonly voters: ReadonlySet<ServerId>;
  /** Whether these make a quorum; whoever has no vote is not counted. */
  contains(ids: ReadonlySet<ServerId>): boolean;
  /** Nobody votes for a server of weight 0. */
  weightOf(id: ServerId): number;
}
