/**
 * A mutant: a bug on purpose, as data. Nothing of it is in the shipped code; whoever wants to see it
 * at work loads the sources with its edits made (plant.ts).
 */

/** Where seeds are lived through until the bug shows. */
export type World = 'peers' | 'elections' | 'ensemble' | 'alone' | 'cuts';

export interface Edit {
  /** From the root of the repository. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly put: string;
}

export interface Mutant {
  readonly id: string;
  /** Ids of docs/internals/faults.md: the tests of their names must be red. */
  readonly brings: readonly string[];
  /** What a server does then, as the end of a sentence. */
  readonly does: string;
  /** The worlds that find it, one after the other; none where no simulated world could. */
  readonly worlds: readonly World[];
  readonly edits: readonly Edit[];
}
