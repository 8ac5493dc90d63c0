/** What a member is doing, as a line of a story whenever that changes. */
import type { EnsembleDoor } from '@zabra/replica';

type Standpoint = EnsembleDoor['standpoint'];

export class StandpointStory {
  #told = '';

  next(standpoint: Standpoint): string | null {
    const line = lineOf(standpoint);
    if (line === this.#told) return null;
    this.#told = line;
    return line;
  }
}

function lineOf(standpoint: Standpoint): string {
  const { role } = standpoint;
  if (role === 'looking') return 'looks for a leader';
  const { epoch, isServing } = standpoint;
  const verb = isServing ? 'serves' : 'begins';
  if (role === 'leading') return `${verb} as leader of epoch ${epoch}`;
  return `${verb} ${role} server ${standpoint.leader} in epoch ${epoch}`;
}
