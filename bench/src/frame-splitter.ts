/**
 * Cuts frames out of chunks by their length fields. It looks at nothing else, and copies only what
 * a chunk leaves unfinished.
 */

/** Called for every whole frame: its payload is `buffer[start, end)`, valid during the call. */
export type OnFrame = (buffer: Buffer, start: number, end: number) => void;

export class FrameSplitter {
  #unfinished: Buffer | undefined;

  /** Gives the number of frames that became whole with this chunk. */
  push(chunk: Buffer, onFrame: OnFrame): number {
    const unfinished = this.#unfinished;
    const buffer = unfinished === undefined ? chunk : Buffer.concat([unfinished, chunk]);
    let count = 0;
    let at = 0;
    while (buffer.length - at >= 4) {
      const end = at + 4 + buffer.readInt32BE(at);
      if (end > buffer.length) break;
      onFrame(buffer, at + 4, end);
      at = end;
      count++;
    }
    // A copy, because the reader uses its chunk again.
    this.#unfinished = at === buffer.length ? undefined : Buffer.from(buffer.subarray(at));
    return count;
  }
}
