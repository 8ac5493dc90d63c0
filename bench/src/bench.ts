/** What every part of a run needs to know, decided once at its start. */
import type { Generator } from './generator.ts';
import type { Options } from './options.ts';
import type { Placement } from './placement.ts';
import type { Candidate } from './servers/candidate.ts';

export interface Bench {
  readonly options: Options;
  readonly generator: Generator;
  readonly placement: Placement;
  readonly candidates: readonly Candidate[];
}

export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
