/**
 * How many learners are getting in step at the moment, by the way they go. Voters always may; observers
 * come again later where there are many, for nobody waits for them.
 */
export type SyncKind = 'diff' | 'snap';

export class Syncs {
  readonly #max: Readonly<Record<SyncKind, number>>;
  readonly #count: Record<SyncKind, number> = { diff: 0, snap: 0 };

  constructor(max: Readonly<Record<SyncKind, number>>) {
    this.#max = max;
  }

  /** False for an observer that is one too many. */
  begin(kind: SyncKind, isObserver: boolean): boolean {
    if (isObserver && this.#count[kind] >= this.#max[kind]) return false;
    this.#count[kind] += 1;
    return true;
  }

  end(kind: SyncKind): void {
    this.#count[kind] -= 1;
  }
}
