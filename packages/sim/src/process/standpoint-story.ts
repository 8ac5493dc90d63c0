/** What a member is doing, as a line of a story whenever that changes. */
import type { EnsembleDoor } from '@zabra/replica';

type Standpoint = EnsembleDoor['standpoint'];

export class StandpointStory {
  #told: Standpoint | null = null;

  next(standpoint: Standpoint): string | null {
    if (this.#told !== null && isSame(standpoint, this.#told)) return null;
    this.#told = standpoint;
    return lineOf(standpoint);
  }
}

function isSame(one: Standpoint, other: Standpoint): boolean {
  if (one.role === 'looking' || other.role === 'looking') return one.role === other.role;
  if (one.epoch !== other.epoch || one.isServing !== other.isServing) return false;
  if (one.role === 'leading' || other.role === 'leading') return one.role === other.role;
  return one.role === other.role && one.leader === other.leader;
}

function lineOf(standpoint: Standpoint): string {
  const { role } = standpoint;
  if (role === 'looking') return 'looks for a leader';
  const { epoch, isServing } = standpoint;
  const verb = isServing ? 'serves' : 'begins';
  if (role === 'leading') return `${verb} as leader of epoch ${epoch}`;
  return `${verb} ${role} server ${standpoint.leader} in epoch ${epoch}`;
}
