/**
 * The quorum of a configuration that is about to replace another: a quorum of either. Who is heard
 * is asked in both; who may be elected, in the one that still rules.
 */
import type { QuorumVerifier } from './verifier.ts';

export function jointOf(committed: QuorumVerifier, next: QuorumVerifier): QuorumVerifier {
  return {
    voters: new Set([...committed.voters, ...next.voters]),
    contains: (ids) => committed.contains(ids) && next.contains(ids),
    weightOf: (id) => committed.weightOf(id),
  };
}
