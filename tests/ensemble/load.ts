/** A client that writes all the time, wherever it can, and remembers what was acknowledged. */
import { createBody, Op } from '../support/raw-requests.ts';
import type { Ensemble } from './ensemble.ts';

const PAUSE_MS = 10;
const GOES_ON_MS = 20_000;

export class Load {
  readonly #ensemble: Ensemble;
  readonly #written: string[] = [];
  #isEnding = false;
  readonly #done: Promise<void>;

  private constructor(ensemble: Ensemble) {
    this.#ensemble = ensemble;
    this.#done = this.#run();
  }

  static on(ensemble: Ensemble): Load {
    return new Load(ensemble);
  }

  /** Resolves when some more writes were acknowledged. */
  async goesOn(): Promise<void> {
    const until = this.#written.length + 5;
    const untilMs = Date.now() + GOES_ON_MS;
    while (this.#written.length < until) {
      if (Date.now() > untilMs) throw new Error('nothing is acknowledged any more');
      await pause();
    }
  }

  /** What was acknowledged. */
  async end(): Promise<readonly string[]> {
    this.#isEnding = true;
    await this.#done;
    return this.#written;
  }

  /** One connection after the other, each for as long as it lasts. */
  async #run(): Promise<void> {
    for (let turn = 0; !this.#isEnding; turn += 1) {
      const { running } = this.#ensemble;
      const id = running[turn % Math.max(1, running.length)] ?? 1;
      try {
        await this.#writeAt(id, turn);
      } catch {
        await pause();
      }
    }
  }

  async #writeAt(id: number, turn: number): Promise<void> {
    const client = await this.#ensemble.connect(id);
    try {
      for (let i = 0; !this.#isEnding; i += 1) {
        const path = `/load-${turn}-${i}`;
        await client.must(Op.create, createBody(path));
        this.#written.push(path);
        await pause();
      }
    } finally {
      client.destroy();
    }
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}
