/** What a machine waits for at a step of its disk, and what befalls it there. */
import type { DiskStep } from '../disk.ts';
import type { Survival } from '../sim-directory.ts';

/** What is to happen at a step of that name; once, though several machines may wait for it. */
export interface Failpoint {
  readonly step: DiskStep;
  readonly action: 'crash before' | 'crash behind' | 'fail' | 'stall';
  readonly stallMs: number;
  /** What a crash leaves, where it is one of the power; null where only the process dies. */
  readonly survival: Survival | null;
  /** How many such steps are done before. */
  passes: number;
  isSpent: boolean;
  /** Tells whoever set it that it was reached. */
  onFired(): void;
}

/** One that strikes at once unless it is told otherwise. */
export function failpoint(
  what: Pick<Failpoint, 'step' | 'action' | 'onFired'> & Partial<Failpoint>,
): Failpoint {
  return { stallMs: 0, survival: null, passes: 0, isSpent: false, ...what };
}
