/** The common quorum: more than half of the voters, each counting alike. */
import type { ServerId } from '@zabra/wire';
import type { QuorumVerifier } from './verifier.ts';

export function majorityOf(voters: ReadonlySet<ServerId>): QuorumVerifier {
  return {
    voters,
    contains(ids) {
      let count = 0;
      for (const voter of voters) if (ids.has(voter)) count += 1;
      return 2 * count > voters.size;
    },
    weightOf: () => 1,
  };
}
