/**
 * The stretch of time in which a generator counts: after the warm-up, for the given duration, or
 * until the given number of operations. It keeps the samples and both processes' CPU times.
 */
import type { LoadArguments, LoadOutcome } from './load-job.ts';
import { cpuMs } from './proc.ts';

const SAMPLES_MAX = 4 * 1024 * 1024;

export class LoadWindow {
  readonly ended: Promise<void>;
  readonly #job: LoadArguments;
  readonly #samples = new Float64Array(SAMPLES_MAX);
  #end: () => void = () => {};
  #state: 'before' | 'inside' | 'after' = 'before';
  #sampleCount = 0;
  #skipped = 0;
  #operations = 0;
  #errors = 0;
  #firstError = 0;
  #maxMs = 0;
  #sendable: number;
  #startedAt = 0;
  #elapsedMs = 0;
  #ownCpuMs = 0;
  #serverCpuMs = 0;

  constructor(job: LoadArguments) {
    this.#job = job;
    this.#sendable = job.operations > 0 ? job.operations : Number.POSITIVE_INFINITY;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  start(): void {
    const { operations, warmupMs, durationMs } = this.#job;
    if (operations > 0) {
      this.#enter();
      return;
    }
    setTimeout(() => {
      this.#enter();
      setTimeout(() => this.#leave(), durationMs);
    }, warmupMs);
  }

  get isOver(): boolean {
    return this.#state === 'after';
  }

  /** How many of `wanted` requests may still be sent. */
  allow(wanted: number): number {
    if (this.#state === 'after') return 0;
    const allowed = Math.min(wanted, this.#sendable);
    this.#sendable -= allowed;
    return allowed;
  }

  noteReplies(count: number): void {
    if (this.#state !== 'inside') return;
    this.#operations += count;
    if (this.#job.operations > 0 && this.#operations >= this.#job.operations) this.#leave();
  }

  noteLatency(milliseconds: number): void {
    if (this.#state !== 'inside') return;
    if (milliseconds > this.#maxMs) this.#maxMs = milliseconds;
    if (++this.#skipped < this.#job.stride) return;
    this.#skipped = 0;
    if (this.#sampleCount < SAMPLES_MAX) this.#samples[this.#sampleCount++] = milliseconds * 1e6;
  }

  noteError(code: number): void {
    if (this.#errors++ === 0) this.#firstError = code;
  }

  sampleBytes(): Uint8Array {
    return new Uint8Array(this.#samples.buffer, 0, this.#sampleCount * 8);
  }

  outcome(): LoadOutcome {
    return {
      operations: this.#operations,
      errors: this.#errors,
      firstError: this.#firstError,
      elapsedMs: this.#elapsedMs,
      generatorCpuMs: this.#ownCpuMs,
      serverCpuMs: this.#serverCpuMs,
      maxNs: Math.round(this.#maxMs * 1e6),
    };
  }

  #enter(): void {
    this.#state = 'inside';
    this.#startedAt = performance.now();
    this.#ownCpuMs = -ownCpuMs();
    this.#serverCpuMs = -this.#readServerCpuMs();
  }

  #leave(): void {
    this.#state = 'after';
    this.#elapsedMs = performance.now() - this.#startedAt;
    this.#ownCpuMs += ownCpuMs();
    this.#serverCpuMs += this.#readServerCpuMs();
    this.#end();
  }

  #readServerCpuMs(): number {
    return this.#job.serverPids.reduce((sum, pid) => sum + cpuMs(pid), 0);
  }
}

function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
