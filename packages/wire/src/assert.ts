/**
 * Broken invariants. An assertion that fails means this process believed something untrue about
 * itself; it stops rather than answer from a state it does not understand.
 */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

export function assert(condition: boolean, belief: string): asserts condition {
  if (!condition) throw new InvariantError(`broken invariant: ${belief}`);
}
