/** Counts what really happened: a fault that never fires proves nothing. */
export class Ledger {
  readonly counts: Map<string, number> = new Map();

  note(name: string, count = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + count);
  }

  add(other: Iterable<readonly [name: string, count: number]>): void {
    for (const [name, count] of other) this.note(name, count);
  }

  of(name: string): number {
    return this.counts.get(name) ?? 0;
  }

  /** Of these names, those that never came. */
  missing(names: readonly string[]): string[] {
    return names.filter((name) => this.of(name) === 0);
  }
}
