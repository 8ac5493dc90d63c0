/**
 * Chance from a seed, in streams that do not disturb each other: a stream's parts are named, and what
 * a part draws depends on the seed and its name alone, never on how much others have drawn. So a
 * change in one corner of a world leaves all others as they were.
 */
import { encodeUtf8 } from '@zabra/wire';

const TWO_32 = 2 ** 32;
const GOLDEN = 0x9e3779b9;
/** Draws until the state depends on every bit of the seed. */
const WARM_UP = 12;

export class Random {
  readonly #seedHigh: number;
  readonly #seedLow: number;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  private constructor(seedHigh: number, seedLow: number) {
    this.#seedHigh = seedHigh;
    this.#seedLow = seedLow;
    this.#a = seedHigh;
    this.#b = seedLow;
    this.#c = seedHigh ^ GOLDEN;
    for (let i = 0; i < WARM_UP; i += 1) this.next32();
  }

  /** The seed is a whole number, from 0 up to 2^53. */
  static of(seed: number): Random {
    return new Random(Math.floor(seed / TWO_32) | 0, seed | 0);
  }

  /** The stream of a part: always the same one for the same name. */
  split(name: string): Random {
    let high = this.#seedHigh ^ GOLDEN;
    let low = this.#seedLow;
    for (const byte of encodeUtf8(name)) {
      high = mix(Math.imul(high ^ byte, 0x01000193) ^ (low >>> 7));
      low = mix(Math.imul(low + byte, 0x85ebca6b) ^ high);
    }
    return new Random(high, low);
  }

  /** At least 0, less than 2^32. */
  next32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }

  /** At least 0, less than 1. */
  next(): number {
    return this.next32() / TWO_32;
  }

  /** A whole number, at least 0 and less than `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + this.below(max - min + 1);
  }

  /** True with this likelihood. */
  chance(likelihood: number): boolean {
    return this.next() < likelihood;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  /** Mostly below the mean, now and then many times as much, as delays are. */
  tail(mean: number): number {
    const halvings = Math.clz32(this.next32());
    return (mean * (halvings + this.next())) / 1.5;
  }
}

function mix(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x7feb352d);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x846ca68b);
  return mixed ^ (mixed >>> 16);
}
