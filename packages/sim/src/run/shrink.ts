/**
 * Makes a plan that fails smaller while it still fails in the same way: a shorter time, fewer faults,
 * fewer clients, fewer operations. Every part of a world draws from a stream of its own, so leaving
 * something out leaves the rest much as it was.
 */
import type { Plan } from './plan.ts';

export interface Shrunk {
  readonly plan: Plan;
  /** Worlds that were lived through for it. */
  readonly runCount: number;
}

const CALM_AT_MS_MIN = 500;

export function shrink(
  plan: Plan,
  stillFails: (plan: Plan) => boolean,
  runCountMax: number,
): Shrunk {
  const search = new Search(plan, stillFails, runCountMax);
  while (search.round());
  return { plan: search.best, runCount: search.runCount };
}

class Search {
  best: Plan;
  runCount = 0;
  readonly #stillFails: (plan: Plan) => boolean;
  readonly #runCountMax: number;

  constructor(plan: Plan, stillFails: (plan: Plan) => boolean, runCountMax: number) {
    this.best = plan;
    this.#stillFails = stillFails;
    this.#runCountMax = runCountMax;
  }

  /** Whether anything could be left out. */
  round(): boolean {
    // Each is tried, whatever became of those before.
    const isShorter = this.#shorten();
    const isSimpler = this.#dropFaults();
    const isQuieter = this.#dropOperations();
    const isEmptier = this.#dropClient();
    return isShorter || isSimpler || isQuieter || isEmptier;
  }

  #shorten(): boolean {
    return this.#repeat(() => {
      const { calmAtMs, endMs, lifeMsMin, faults } = this.best;
      const sooner = Math.floor(calmAtMs / 2);
      if (sooner < CALM_AT_MS_MIN) return null;
      return {
        ...this.best,
        calmAtMs: sooner,
        lifeMsMin: lifeMsMin - calmAtMs + sooner,
        endMs: endMs - calmAtMs + sooner,
        faults: faults.filter(({ atMs }) => atMs < sooner),
      };
    });
  }

  /** Halves of them first, then smaller and smaller pieces. */
  #dropFaults(): boolean {
    let hasDropped = false;
    for (let size = this.best.faults.length; size >= 1; size = Math.floor(size / 2)) {
      for (let at = 0; at < this.best.faults.length; ) {
        const faults = [...this.best.faults];
        faults.splice(at, size);
        if (this.#try({ ...this.best, faults })) hasDropped = true;
        else at += size;
      }
    }
    return hasDropped;
  }

  #dropOperations(): boolean {
    return this.#repeat(() => {
      const { habits } = this.best;
      const operations = Math.floor(habits.operations / 2);
      return operations < 1 ? null : { ...this.best, habits: { ...habits, operations } };
    });
  }

  /** The last one, together with what was to befall it. */
  #dropClient(): boolean {
    return this.#repeat(() => {
      const clientCount = this.best.clientCount - 1;
      if (clientCount < 1) return null;
      const faults = this.best.faults.filter(({ client }) => client < clientCount);
      return { ...this.best, clientCount, faults };
    });
  }

  #repeat(smaller: () => Plan | null): boolean {
    let isSmaller = false;
    for (let plan = smaller(); plan !== null && this.#try(plan); plan = smaller()) isSmaller = true;
    return isSmaller;
  }

  #try(plan: Plan): boolean {
    if (this.runCount >= this.#runCountMax) return false;
    this.runCount += 1;
    if (!this.#stillFails(plan)) return false;
    this.best = plan;
    return true;
  }
}
