/**
 * Adler-32, the checksum of transaction records and snapshots. It runs over every byte that is
 * logged, so the loop is unrolled and the two sums are reduced only when they could overflow.
 */
const MODULUS = 65521;
/** The largest run for which both sums stay below 2^31 when they start reduced. */
const RUN_BYTES_MAX = 3800;

export const ADLER32_START = 1;

/** Extends `checksum` (start with ADLER32_START) by bytes[start, end); an unsigned 32-bit number. */
export function adler32(checksum: number, bytes: Uint8Array, start: number, end: number): number {
  let low = checksum & 0xffff;
  let high = checksum >>> 16;
  let i = start;
  while (i < end) {
    const runEnd = Math.min(end, i + RUN_BYTES_MAX);
    const unrolledEnd = i + ((runEnd - i) & ~7);
    for (; i < unrolledEnd; i += 8) {
      // Eight bytes at once: the high sum gains eight times the low sum plus weighted bytes.
      const b0 = bytes[i]!;
      const b1 = bytes[i + 1]!;
      const b2 = bytes[i + 2]!;
      const b3 = bytes[i + 3]!;
      const b4 = bytes[i + 4]!;
      const b5 = bytes[i + 5]!;
      const b6 = bytes[i + 6]!;
      const b7 = bytes[i + 7]!;
      high =
        (high +
          (low << 3) +
          (b0 << 3) +
          7 * b1 +
          6 * b2 +
          5 * b3 +
          (b4 << 2) +
          3 * b5 +
          (b6 << 1) +
          b7) |
        0;
      low = (low + b0 + b1 + b2 + b3 + b4 + b5 + b6 + b7) | 0;
    }
    for (; i < runEnd; i += 1) {
      low = (low + bytes[i]!) | 0;
      high = (high + low) | 0;
    }
    low = (low >>> 0) % MODULUS;
    high = (high >>> 0) % MODULUS;
  }
  return ((high << 16) | low) >>> 0;
}
