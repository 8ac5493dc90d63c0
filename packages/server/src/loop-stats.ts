/**
 * How long single calls of the mind take, counted only where ZABRA_LOOP_STATS asks for it: the
 * bench shows with it that nothing holds up the loop.
 */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

const NANOSECONDS_PER_MS = 1_000_000;

export class LoopStats {
  readonly #histogram: RecordableHistogram | null =
    process.env.ZABRA_LOOP_STATS === '1' ? createHistogram() : null;

  #onSignal: (() => void) | null = null;

  begin(): number {
    return this.#histogram === null ? 0 : performance.now();
  }

  end(startedMs: number): void {
    if (this.#histogram === null) return;
    const elapsed = Math.round((performance.now() - startedMs) * NANOSECONDS_PER_MS);
    this.#histogram.record(Math.max(elapsed, 1));
  }

  /** Has SIGUSR2 print the figures since the last report, as one line of JSON. */
  reportOnSignal(): void {
    const histogram = this.#histogram;
    if (histogram === null) return;
    this.#onSignal = (): void => void process.stderr.write(`${report(histogram)}\n`);
    process.on('SIGUSR2', this.#onSignal);
  }

  /** Listens to signals no more. */
  stop(): void {
    if (this.#onSignal !== null) process.off('SIGUSR2', this.#onSignal);
    this.#onSignal = null;
  }
}

function report(histogram: RecordableHistogram): string {
  const longestCallMs = histogram.max / NANOSECONDS_PER_MS;
  const p9999CallMs = histogram.percentile(99.99) / NANOSECONDS_PER_MS;
  const calls = histogram.count;
  histogram.reset();
  return JSON.stringify({ longestCallMs, p9999CallMs, calls });
}
