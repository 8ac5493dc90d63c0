/**
 * A stream of Snappy blocks as Java programs write it, in pieces:
 *
 *     stream = 8 bytes of magic, int version, int compatible version, { block }
 *     block  = int length, length bytes of raw Snappy
 */
import { uncompress } from 'snappyjs';
import type { Pieces } from './pieces.ts';

export const SNAPPY_MAGIC: Uint8Array = Uint8Array.of(0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0);

const HEADER_BYTES = 16;
/** Writers use blocks of 32 KiB; nobody's setting comes near this. */
const BLOCK_BYTES_MAX = 16 * 1024 * 1024;
const PIECE_BYTES = 512 * 1024;

export async function* unsnap(packed: Pieces): Pieces {
  let rest = new Uint8Array(0);
  let isBegun = false;
  for await (const piece of packed) {
    rest = joined([rest, piece]);
    let at = 0;
    if (!isBegun) {
      if (rest.length < HEADER_BYTES) continue;
      at = HEADER_BYTES;
      isBegun = true;
    }
    const { blocks, end } = readBlocks(rest, at);
    yield* blocks;
    rest = rest.slice(end);
  }
  if (!isBegun || rest.length > 0) throw new Error('its Snappy stream ends in the middle');
}

/** All blocks that are whole, gathered into larger pieces, and where they end. */
function readBlocks(
  bytes: Uint8Array,
  start: number,
): { readonly blocks: Uint8Array[]; readonly end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks: Uint8Array[] = [];
  let gathered: Uint8Array[] = [];
  let gatheredBytes = 0;
  let at = start;
  while (at + 4 <= bytes.length) {
    const length = view.getInt32(at);
    if (length <= 0 || length > BLOCK_BYTES_MAX) throw new Error('a Snappy block has no length');
    if (at + 4 + length > bytes.length) break;
    const block = uncompress(bytes.subarray(at + 4, at + 4 + length), BLOCK_BYTES_MAX);
    gathered.push(block);
    gatheredBytes += block.length;
    at += 4 + length;
    if (gatheredBytes < PIECE_BYTES) continue;
    blocks.push(joined(gathered));
    gathered = [];
    gatheredBytes = 0;
  }
  if (gatheredBytes > 0) blocks.push(joined(gathered));
  return { blocks, end: at };
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
