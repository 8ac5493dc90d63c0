/**
 * How fast stored files are read: as fast as they come by a server that starts, and in slices by one
 * that lives on meanwhile, with a turn of the loop behind each.
 */
import type { Pieces } from './pieces.ts';

export type Pace = (pieces: Pieces) => Pieces;

/** What is read between two turns; applying so much takes a millisecond or two. */
const SLICE_BYTES = 64 * 1024;

export const atOnce: Pace = (pieces) => pieces;

export const inSlices: Pace = async function* (pieces) {
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; at += SLICE_BYTES) {
      yield piece.subarray(at, at + SLICE_BYTES);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
};
