/**
 * What lies between any two machines, each way apart: whether packets get through, how long they take
 * and how many bytes pass in a millisecond. Troubles add up; each is taken back by whoever made it.
 */
import { assert } from '@zabra/wire';

export class Paths {
  readonly hostCount: number;
  readonly #cuts: Uint8Array;
  readonly #slowMs: Float64Array;
  readonly #bytesPerMs: Float64Array;

  constructor(hostCount: number) {
    this.hostCount = hostCount;
    this.#cuts = new Uint8Array(hostCount * hostCount);
    this.#slowMs = new Float64Array(hostCount * hostCount);
    this.#bytesPerMs = new Float64Array(hostCount * hostCount).fill(Number.POSITIVE_INFINITY);
  }

  isCut(from: number, to: number): boolean {
    return this.#cuts[this.#index(from, to)]! > 0;
  }

  /** Nothing of `from` reaches `to`; the other way is a path of its own. */
  cut(from: number, to: number): void {
    this.#cuts[this.#index(from, to)]! += 1;
  }

  mend(from: number, to: number): void {
    const at = this.#index(from, to);
    assert(this.#cuts[at]! > 0, 'only what was cut is mended');
    this.#cuts[at]! -= 1;
  }

  slowMs(from: number, to: number): number {
    return this.#slowMs[this.#index(from, to)]!;
  }

  slow(from: number, to: number, byMs: number): void {
    this.#slowMs[this.#index(from, to)]! += byMs;
  }

  bytesPerMs(from: number, to: number): number {
    return this.#bytesPerMs[this.#index(from, to)]!;
  }

  narrow(from: number, to: number, bytesPerMs: number): void {
    this.#bytesPerMs[this.#index(from, to)] = bytesPerMs;
  }

  #index(from: number, to: number): number {
    return from * this.hostCount + to;
  }
}
