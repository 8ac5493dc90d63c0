/**
 * A file in pieces, the next one being read while the one before is in use. A piece stays as it is
 * until two more have been asked for, since a reader may come back to the end of the last one.
 */
import type { OpenFile } from './files.ts';

const PIECE_BYTES = 1024 * 1024;
/** The one in use, the one before it, and the one on its way. */
const BUFFER_COUNT = 3;

export type Pieces = AsyncGenerator<Uint8Array, void, void>;

export async function* readPieces(
  file: OpenFile,
  fileBytes: number,
  pieceBytes: number = PIECE_BYTES,
): Pieces {
  // Not Buffers: a slice of a Buffer is no copy, and readers of pieces rely on slices being copies.
  const buffers = Array.from({ length: BUFFER_COUNT }, () => new Uint8Array(0));
  const size = Math.max(Math.min(pieceBytes, fileBytes), 1);
  const readInto = (turn: number, at: number): Promise<number> => {
    const index = turn % BUFFER_COUNT;
    if (buffers[index]!.length === 0) buffers[index] = new Uint8Array(size);
    const count = file.read(buffers[index]!, at);
    // It may fail while nobody waits for it yet; whoever asks for the piece hears of it.
    count.catch(() => {});
    return count;
  };
  let at = 0;
  let next = readInto(0, at);
  try {
    for (let turn = 0; ; turn += 1) {
      const count = await next;
      if (count === 0) return;
      at += count;
      next = readInto(turn + 1, at);
      yield buffers[turn % BUFFER_COUNT]!.subarray(0, count);
    }
  } finally {
    // The file is about to be closed: nothing may be under way in it.
    await next.catch(() => {});
  }
}
