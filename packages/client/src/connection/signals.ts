/** Follows the signals of calls: one listener for each signal, however many calls have it. */
import type { Call } from './call.ts';

interface Followed {
  readonly calls: Set<Call>;
  readonly listener: () => void;
}

export class Signals {
  readonly #followed = new Map<AbortSignal, Followed>();
  readonly #onAbort: (call: Call, signal: AbortSignal) => void;

  constructor(onAbort: (call: Call, signal: AbortSignal) => void) {
    this.#onAbort = onAbort;
  }

  follow(signal: AbortSignal, call: Call): void {
    const known = this.#followed.get(signal);
    if (known !== undefined) {
      known.calls.add(call);
      return;
    }
    const listener = (): void => this.#abort(signal);
    this.#followed.set(signal, { calls: new Set([call]), listener });
    signal.addEventListener('abort', listener);
  }

  unfollow(signal: AbortSignal, call: Call): void {
    const followed = this.#followed.get(signal);
    if (followed === undefined || !followed.calls.delete(call)) return;
    if (followed.calls.size > 0) return;
    this.#followed.delete(signal);
    signal.removeEventListener('abort', followed.listener);
  }

  #abort(signal: AbortSignal): void {
    const calls = this.#followed.get(signal)?.calls ?? [];
    for (const call of [...calls]) {
      this.unfollow(signal, call);
      this.#onAbort(call, signal);
    }
  }
}
