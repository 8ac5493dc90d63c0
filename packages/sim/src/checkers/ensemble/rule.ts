/** One property of an ensemble, looked at when something happens that could break it. */
import type { Fact, FactOf } from './facts.ts';
import type { Known } from './known.ts';

/** `id` is that of the property in the catalogue of faults and invariants. */
export type Say = (id: string, what: string) => void;

/** What is known is as it was before the fact. */
export type Rule = {
  readonly [Kind in Fact['kind']]?: (fact: FactOf<Kind>, known: Known, say: Say) => void;
};
