/** Calls under way by a number, which is free again when its call is taken. 0 is never one. */
import type { Call } from './call.ts';

export class CallSlots {
  readonly #calls: (Call | undefined)[] = [undefined];
  readonly #free: number[] = [];

  put(call: Call): number {
    const slot = this.#free.pop() ?? this.#calls.length;
    this.#calls[slot] = call;
    return slot;
  }

  take(slot: number): Call | undefined {
    const call = this.#calls[slot];
    if (call === undefined) return undefined;
    this.#calls[slot] = undefined;
    this.#free.push(slot);
    return call;
  }

  get count(): number {
    return this.#calls.length - 1 - this.#free.length;
  }
}
