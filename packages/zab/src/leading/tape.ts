/**
 * What a leader says to all learners of a kind alike, encoded once: packets one behind the other,
 * each reader with a place of its own on it. A place is a number of bytes since the tape began.
 *
 * Packets lie in chunks and none spans two. What was written is never moved or written over, so
 * pieces of it may be on their way to many learners at once; a chunk that is let go lives on in them.
 */
import { assert, JuteWriter } from '@zabra/wire';

const CHUNK_BYTES = 256 * 1024;

interface Chunk {
  /** The place of its first byte. */
  readonly start: number;
  readonly writer: JuteWriter;
}

export class Tape {
  readonly #chunks: Chunk[] = [];
  #start = 0;
  #end = 0;

  /** The first place that is still there. */
  get start(): number {
    return this.#start;
  }

  get end(): number {
    return this.#end;
  }

  /** Where the next packet, of `byteCount` bytes at most, is to be written; `close` it then. */
  open(byteCount: number): JuteWriter {
    const last = this.#chunks.at(-1);
    if (last !== undefined && last.writer.bytes.length - last.writer.position >= byteCount) {
      return last.writer;
    }
    const writer = new JuteWriter(Math.max(byteCount, CHUNK_BYTES));
    this.#chunks.push({ start: this.#end, writer });
    return writer;
  }

  close(): void {
    const { start, writer } = this.#chunks.at(-1)!;
    this.#end = start + writer.position;
  }

  /** Adds what lies between two places to `into`, in as few pieces as it can; their bytes. */
  read(from: number, to: number, into: Uint8Array[]): number {
    assert(from >= this.#start && to <= this.#end, 'what is read from a tape is on it');
    if (from >= to) return 0;
    for (let i = this.#indexOf(from); i < this.#chunks.length; i += 1) {
      const { start, writer } = this.#chunks[i]!;
      if (start >= to) break;
      const first = Math.max(0, from - start);
      into.push(writer.bytes.subarray(first, Math.min(writer.position, to - start)));
    }
    return to - from;
  }

  /** Adds what was written at `place` to another writer; it must lie in one packet. */
  copy(place: number, byteCount: number, out: JuteWriter): void {
    const { start, writer } = this.#chunks[this.#indexOf(place)]!;
    out.raw(writer.bytes, writer.view, place - start, byteCount);
  }

  /** Lets go of chunks that lie before this place. */
  forget(before: number): void {
    while (this.#chunks.length > 1 && this.#chunks[1]!.start <= before) this.#chunks.shift();
    this.#start = this.#chunks[0]?.start ?? this.#end;
  }

  /** Nearly everything that is read was written last. */
  #indexOf(place: number): number {
    let index = this.#chunks.length - 1;
    while (this.#chunks[index]!.start > place) index -= 1;
    return index;
  }
}
