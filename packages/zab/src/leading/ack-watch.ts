/**
 * Whether somebody who has to acknowledge still does, in time. It follows one proposal at a time: the
 * first that was made when none was owed, then the last one made when that was acknowledged.
 */
const NEVER = Number.POSITIVE_INFINITY;

export class AckWatch {
  #counter = 0;
  #sinceMs = NEVER;

  /** How things stand now: what was acknowledged, and what was proposed. */
  look(acknowledged: number, proposed: number, nowMs: number): void {
    if (this.#sinceMs !== NEVER && acknowledged < this.#counter) return;
    this.#counter = proposed;
    this.#sinceMs = acknowledged < proposed ? nowMs : NEVER;
  }

  /** When the followed proposal was first owed. */
  get sinceMs(): number {
    return this.#sinceMs;
  }
}
