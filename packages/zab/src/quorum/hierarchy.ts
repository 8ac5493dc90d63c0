/**
 * Quorums by groups, as sites far apart want them: more than half of the groups, and of each more
 * than half of its weight. Groups whose members all weigh nothing do not count at all.
 */
import type { ServerId } from '@zabra/wire';
import type { QuorumVerifier } from './verifier.ts';

/** The voters of each group, with their weights. */
export function hierarchyOf(groups: readonly ReadonlyMap<ServerId, number>[]): QuorumVerifier {
  const weights = new Map(groups.flatMap((group) => [...group]));
  const counted = groups.filter((group) => weightIn(group, null) > 0);
  return {
    voters: new Set(weights.keys()),
    contains(ids) {
      let won = 0;
      for (const group of counted) {
        if (2 * weightIn(group, ids) > weightIn(group, null)) won += 1;
      }
      return 2 * won > counted.length;
    },
    weightOf: (id) => weights.get(id) ?? 0,
  };
}

/** What those of a group weigh together; null stands for all of it. */
function weightIn(group: ReadonlyMap<ServerId, number>, ids: ReadonlySet<ServerId> | null): number {
  let sum = 0;
  for (const [id, weight] of group) if (ids === null || ids.has(id)) sum += weight;
  return sum;
}
