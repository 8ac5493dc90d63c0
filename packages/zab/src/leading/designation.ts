/**
 * Who leads from the moment at which a new configuration rules. The leader goes on if it can; else,
 * of those with a vote who have the record that made the configuration, the one with the most
 * proposals, for with it nothing has to be done again.
 */
import type { Ensemble, ServerId } from '@zabra/wire';
import { keepsLeader } from '../configurations.ts';
import type { Tally } from './tally.ts';

export function designateLeader(
  self: ServerId,
  before: Ensemble,
  after: Ensemble,
  tally: Tally,
  counter: number,
): ServerId {
  if (keepsLeader(self, before, after)) return self;
  const voters = after.members.filter(({ role }) => role === 'participant').map(({ id }) => id);
  const seats = voters.filter((id) => id !== self).map((id) => tally.seatOf(id));
  const having = seats.filter(({ isSworn, acknowledged }) => isSworn && acknowledged >= counter);
  having.sort((a, b) => b.acknowledged - a.acknowledged || (a.id < b.id ? -1 : 1));
  return having[0]?.id ?? self;
}
