/**
 * The hash of a path's bytes: SipHash in its 32-bit form, one round a word and three to finish.
 * Clients choose paths, so the hash is keyed: without the key nobody can pick names that collide.
 */
export interface HashKey {
  readonly first: number;
  readonly second: number;
}

export function hashPath(key: HashKey, view: DataView, start: number, end: number): number {
  let v0 = key.first | 0;
  let v1 = key.second | 0;
  let v2 = 0x6c796765 ^ v0;
  let v3 = 0x74656462 ^ v1;
  const length = end - start;
  const wordsEnd = start + (length & ~3);
  let i = start;
  let word = 0;
  for (;;) {
    const last = i >= wordsEnd;
    if (last) {
      word = length << 24;
      for (let shift = 0; i < end; i += 1, shift += 8) word |= view.getUint8(i) << shift;
    } else {
      word = view.getInt32(i, true);
      i += 4;
    }
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = (v1 << 5) | (v1 >>> 27);
    v1 ^= v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = (v3 << 8) | (v3 >>> 24);
    v3 ^= v2;
    v0 = (v0 + v3) | 0;
    v3 = (v3 << 7) | (v3 >>> 25);
    v3 ^= v0;
    v2 = (v2 + v1) | 0;
    v1 = (v1 << 13) | (v1 >>> 19);
    v1 ^= v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
    if (last) break;
  }
  v2 ^= 0xff;
  for (let round = 0; round < 3; round += 1) {
    v0 = (v0 + v1) | 0;
    v1 = (v1 << 5) | (v1 >>> 27);
    v1 ^= v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = (v3 << 8) | (v3 >>> 24);
    v3 ^= v2;
    v0 = (v0 + v3) | 0;
    v3 = (v3 << 7) | (v3 >>> 25);
    v3 ^= v0;
    v2 = (v2 + v1) | 0;
    v1 = (v1 << 13) | (v1 >>> 19);
    v1 ^= v2;
    v2 = (v2 << 16) | (v2 >>> 16);
  }
  return v1 ^ v3;
}
