/**
 * CRC-32 (the zlib polynomial), eight bytes a step. The tree digest is a sum of these, so every
 * write computes a few; the running form lets a node keep the part over its path and data.
 */
const TABLE: Int32Array = makeTable();

function makeTable(): Int32Array {
  const table = new Int32Array(8 * 256);
  for (let i = 0; i < 256; i += 1) {
    let c = i;
    for (let bit = 0; bit < 8; bit += 1) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    table[i] = c;
  }
  for (let i = 0; i < 256; i += 1) {
    for (let slice = 1; slice < 8; slice += 1) {
      const previous = table[(slice - 1) * 256 + i]!;
      table[slice * 256 + i] = (previous >>> 8) ^ table[previous & 0xff]!;
    }
  }
  return table;
}

/** The running value before any byte. */
export const CRC32_START = -1;

/** Extends a running value by bytes [start, end) of `view`. */
export function crc32Extend(running: number, view: DataView, start: number, end: number): number {
  const t = TABLE;
  let c = running;
  let i = start;
  const slicedEnd = start + ((end - start) & ~7);
  for (; i < slicedEnd; i += 8) {
    const a = c ^ view.getInt32(i, true);
    const b = view.getInt32(i + 4, true);
    c =
      t[1792 + (a & 0xff)]! ^
      t[1536 + ((a >>> 8) & 0xff)]! ^
      t[1280 + ((a >>> 16) & 0xff)]! ^
      t[1024 + (a >>> 24)]! ^
      t[768 + (b & 0xff)]! ^
      t[512 + ((b >>> 8) & 0xff)]! ^
      t[256 + ((b >>> 16) & 0xff)]! ^
      t[b >>> 24]!;
  }
  for (; i < end; i += 1) c = t[(c ^ view.getUint8(i)) & 0xff]! ^ (c >>> 8);
  return c;
}

/** Turns a running value into the checksum, an unsigned 32-bit number. */
export function crc32Finish(running: number): number {
  return ~running >>> 0;
}
