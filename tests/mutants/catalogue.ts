/** All mutants there are. */
import { dataMutants } from './catalogue/data.ts';
import { electionMutants } from './catalogue/election.ts';
import { feedingMutants } from './catalogue/feeding.ts';
import { keepingMutants } from './catalogue/keeping.ts';
import { leadingMutants } from './catalogue/leading.ts';
import { learningMutants } from './catalogue/learning.ts';
import { localityMutants } from './catalogue/locality.ts';
import { requestMutants } from './catalogue/requests.ts';
import { servingMutants } from './catalogue/serving.ts';
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
  ...servingMutants,
  ...keepingMutants,
  ...dataMutants,
  ...requestMutants,
  ...localityMutants,
  ...storageMutants,
  ...wireMutants,
];

export function mutantOf(id: string): Mutant {
  const mutant = mutants.find((one) => one.id === id);
  if (mutant === undefined) throw new Error(`there is no mutant ${id}`);
  return mutant;
}
