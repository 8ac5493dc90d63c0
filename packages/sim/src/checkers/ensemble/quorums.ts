/**
 * Who makes a quorum, counted from the configuration alone: more than half of those with a vote, or,
 * with groups, more than half of the weight in more than half of the groups that have any.
 */
import type { Ensemble } from '@zabra/wire';
import { type Configuration, type Entry, isWithin } from './chain.ts';

export function isQuorum({ members, groups, weights }: Ensemble, those: Set<number>): boolean {
  const voters = members.filter(({ role }) => role === 'participant').map(({ id }) => Number(id));
  if (groups.length === 0) {
    return 2 * voters.filter((id) => those.has(id)).length > voters.length;
  }
  const weightOf = (id: number): number =>
    weights.find(({ member }) => Number(member) === id)?.weight ?? 1;
  const sum = (ids: readonly number[]): number => ids.reduce((so, id) => so + weightOf(id), 0);
  const counted = groups
    .map((group) => group.members.map(Number).filter((id) => voters.includes(id)))
    .filter((ids) => sum(ids) > 0);
  const won = counted.filter((ids) => 2 * sum(ids.filter((id) => those.has(id))) > sum(ids));
  return 2 * won.length > counted.length;
}

/** The records behind what is agreed, up to this one, that have changed the members; in order. */
export function changesUpTo(entry: Entry, agreed: Entry): Entry[] {
  const changes: Entry[] = [];
  let configuration: Configuration | null = entry.configuration;
  while (configuration !== null) {
    const { entry: made, previous }: Configuration = configuration;
    if (made === null || isWithin(made, agreed)) break;
    changes.unshift(made);
    configuration = previous;
  }
  return changes;
}

/** All whose quorum it takes to decide on a record: while members change, the old ones too. */
export function rulingAt(entry: Entry, agreed: Entry): Ensemble[] {
  const ruling: Ensemble[] = [];
  let configuration: Configuration | null = entry.configuration;
  while (configuration !== null) {
    ruling.push(configuration.ensemble);
    const made: Entry | null = configuration.entry;
    if (made === null || isWithin(made, agreed)) break;
    configuration = configuration.previous;
  }
  return ruling;
}
