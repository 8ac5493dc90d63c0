/** All mutants there are. */
import { electionMutants } from './catalogue/election.ts';
import { feedingMutants } from './catalogue/feeding.ts';
import { leadingMutants } from './catalogue/leading.ts';
import { learningMutants } from './catalogue/learning.ts';
import { standingMutants } from './catalogue/standing.ts';
import { storageMutants } from './catalogue/storage.ts';
import { wireMutants } from './catalogue/wires.ts';
import type { Mutant } from './mutant.ts';

export const mutants: readonly Mutant[] = [
  ...learningMutants,
  ...standingMutants,
  ...leadingMutants,
  ...feedingMutants,
  ...electionMutants,
  ...storageMutants,
  ...wireMutants,
];

export function mutantOf(id: string): Mutant {
  const mutant = mutants.find((one) => one.id === id);
  if (mutant === undefined) throw new Error(`there is no mutant ${id}`);
  return mutant;
}
