/**
 * The ids of new sessions. The highest byte is the server's own number, so no two servers give the
 * same; the other 56 bits begin somewhere and count up.
 *
 * A client may come back with an id that nothing on any disk tells of any more: its session had ended
 * before the last snapshot, or was never in one. Whoever had that id by now would lose its session to
 * it. So where ids begin is drawn at each start, from chance, the clock and the last transaction
 * together: a clock that is set back, chance that repeats itself or a database that begins anew
 * does not bring ids back alone.
 */
const HIGH_BITS_MASK = 0xffffff;

export class SessionIds {
  readonly #serverByte: number;
  #high = 0;
  #low = 0;
  #hasBegun = false;

  constructor(serverId: number) {
    this.#serverByte = (serverId & 0xff) << 24;
  }

  /** Once is enough: from then on they go on counting, whatever part the server plays. */
  begin(start: bigint): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#high = Number(start >> 32n) & HIGH_BITS_MASK;
    this.#low = Number(start & 0xffffffffn) | 0;
  }

  get high(): number {
    return this.#serverByte | this.#high;
  }

  get low(): number {
    return this.#low;
  }

  /** On to the next id that is not taken. */
  advance(isTaken: (high: number, low: number) => boolean): void {
    do {
      this.#low = (this.#low + 1) | 0;
      if (this.#low === 0) this.#high = (this.#high + 1) & HIGH_BITS_MASK;
      // Nothing but a server's number is no id: 0 is none, and one such marks containers.
    } while ((this.#high === 0 && this.#low === 0) || isTaken(this.high, this.#low));
  }
}

/** Where the ids of a server begin that starts now and has seen this transaction last. */
export function drawStart(seed: number, wallMs: number, lastZxid: bigint): bigint {
  return mixed(mixed(mixed(BigInt(seed)) ^ BigInt(Math.floor(wallMs))) ^ lastZxid);
}

/** Spreads a number over 64 bits, so that neighbours end up far apart (Steele et al., SplitMix64). */
function mixed(value: bigint): bigint {
  let z = BigInt.asUintN(64, value + 0x9e3779b97f4a7c15n);
  z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  return z ^ (z >> 31n);
}
