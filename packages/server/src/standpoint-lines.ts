/**
 * Tells the log what a member is to its clients, when that changes: `leading`, `following`,
 * `observing`, or `not serving`.
 */
import type { EnsembleDoor } from '@zabra/replica';
import type { LogFacts } from './log.ts';

export interface StandpointLine {
  readonly text: string;
  readonly facts: LogFacts;
}

type Standpoint = EnsembleDoor['standpoint'];
type Serving = Exclude<Standpoint, { readonly role: 'looking' }>;

export class StandpointLines {
  #role: string | null = null;
  #epoch = 0;

  /** Null while nothing has changed that is worth a line. */
  next(standpoint: Standpoint): StandpointLine | null {
    if (standpoint.role === 'looking' || !standpoint.isServing) return this.#end();
    if (standpoint.role === this.#role && standpoint.epoch === this.#epoch) return null;
    this.#role = standpoint.role;
    this.#epoch = standpoint.epoch;
    return { text: standpoint.role, facts: factsOf(standpoint) };
  }

  #end(): StandpointLine | null {
    if (this.#role === null) return null;
    this.#role = null;
    return { text: 'not serving', facts: { epoch: this.#epoch } };
  }
}

function factsOf(standpoint: Serving): LogFacts {
  const { epoch } = standpoint;
  return standpoint.role === 'leading' ? { epoch } : { epoch, leader: `${standpoint.leader}` };
}
