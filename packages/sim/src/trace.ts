/**
 * What happened in a world, twice: condensed into a number, for telling whether two runs were the
 * same, and as a story of lines, for a person. The number takes in every call and every byte; the
 * story only what is worth a line, and nothing is spent on it unless somebody listens.
 */

/** The first number of every entry: what kind of thing it was. */
export const Mark = {
  Event: 1,
  Opened: 2,
  Dialed: 3,
  DialFailed: 4,
  Received: 5,
  Ended: 6,
  Closed: 7,
  Flushed: 8,
  DiskDone: 9,
  DiskFailed: 10,
  Turn: 11,
  Sent: 12,
  DiskOrder: 13,
  Order: 14,
  Life: 15,
  Fault: 16,
} as const;

export type Mark = (typeof Mark)[keyof typeof Mark];

export type Story = (line: string) => void;

export class Trace {
  /** Null unless somebody listens: no line is made for nobody. */
  readonly story: Story | null;
  #high = 0x6a09e667;
  #low = 0xbb67ae85;
  #count = 0;

  constructor(story: Story | null = null) {
    this.story = story;
  }

  note(mark: Mark, who: number, what: number): void {
    this.#count += 1;
    this.#add(mark ^ (who << 8));
    this.#add(what);
  }

  /** Times are no whole numbers; their bits below a microsecond count for nothing. */
  time(ms: number): void {
    this.#add(Math.floor(ms * 1000));
  }

  bytes(bytes: Uint8Array, count: number): void {
    let low = this.#low;
    let high = this.#high;
    for (let i = 0; i < count; i += 1) {
      low = Math.imul(low ^ bytes[i]!, 0x01000193);
      high = (high + low) | 0;
    }
    this.#low = low;
    this.#high = high;
    this.#add(count);
  }

  text(text: string): void {
    for (let i = 0; i < text.length; i += 1) this.#add(text.charCodeAt(i));
  }

  /** Sixty-four bits over all of it. */
  get hash(): string {
    return hex(this.#high) + hex(this.#low ^ this.#count);
  }

  #add(value: number): void {
    this.#low = Math.imul(this.#low ^ value, 0x85ebca6b);
    this.#low ^= this.#low >>> 13;
    this.#high = Math.imul(this.#high ^ this.#low, 0xc2b2ae35);
    this.#high ^= this.#high >>> 16;
  }
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
