/**
 * How much memory long requests take while they are under way, whoever sent them. Those of ordinary
 * length are not counted.
 */
const NONE_IS_LARGE = 0x7fffffff;

export class LargeRequests {
  /** Requests of more bytes than this are large. */
  readonly threshold: number;
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(threshold: number, bytesMax: number) {
    this.threshold = threshold < 0 ? NONE_IS_LARGE : threshold;
    this.#bytesMax = bytesMax;
  }

  /** Whether there is room for one more of this length. */
  hasRoomFor(byteCount: number): boolean {
    return this.#bytes + byteCount <= this.#bytesMax;
  }

  enter(byteCount: number): void {
    this.#bytes += byteCount;
  }

  leave(byteCount: number): void {
    this.#bytes -= byteCount;
  }
}
