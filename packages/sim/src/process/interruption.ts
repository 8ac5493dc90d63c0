/**
 * What befalls a process in the middle of something: it does not come to the next thing it would
 * have done, for ever or for a while. Who stops it says whether the present thing is still done.
 */
import type { Survival } from '../sim-directory.ts';

export interface Strike {
  /** In words, for the story. */
  readonly why: string;
  readonly isBehind: boolean;
  /** What a power cut leaves; null where only the process dies. */
  readonly survival: Survival | null;
  /** It is only stopped, for so long; null where it dies. */
  readonly stallMs: number | null;
}

type Deed = () => void;

export class Interruption {
  #strike: Strike | null = null;
  #held: Deed[] | null = null;
  /** How it is to die, once whoever called it has come back. */
  doom: Strike | null = null;
  /** A stall that has begun and was not looked at. */
  #stall: Strike | null = null;

  get isHalted(): boolean {
    return this.doom !== null || this.#held !== null;
  }

  /** Nothing befalls it, now or at the present thing. */
  get isAbsent(): boolean {
    return this.#strike === null && this.doom === null && this.#held === null;
  }

  set(strike: Strike): void {
    if (!this.isHalted) this.#strike = strike;
  }

  /** Whether the present thing is not done any more, or later. */
  stops(deed: Deed): boolean {
    if (this.#strike?.isBehind === false) this.halt();
    if (this.doom !== null) return true;
    if (this.#held === null) return false;
    this.#held.push(deed);
    return true;
  }

  /** The present thing is done. */
  halt(): void {
    const strike = this.#strike;
    this.#strike = null;
    if (strike === null) return;
    if (strike.stallMs === null) this.doom = strike;
    else {
      this.#held = [];
      this.#stall = strike;
    }
  }

  takeStall(): Strike | null {
    const stall = this.#stall;
    this.#stall = null;
    return stall;
  }

  /** What was held up is done, as far as nothing comes in between again. */
  goOn(): void {
    const deeds = this.#held ?? [];
    this.#held = null;
    for (const deed of deeds) {
      if (this.isHalted) this.stops(deed);
      else deed();
    }
  }

  clear(): void {
    this.#strike = null;
    this.#held = null;
    this.#stall = null;
    this.doom = null;
  }
}
