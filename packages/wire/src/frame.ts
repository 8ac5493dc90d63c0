/**
 * Frames, as clients and tools write and read them: four bytes of length, then that many bytes. The
 * server cuts its frames itself, from where they lie.
 */
import { ChunkQueue } from './chunk-queue.ts';
import type { JuteWriter } from './jute/writer.ts';

/** What a server takes when nobody says otherwise (jute.maxbuffer). */
export const FRAME_BYTES_MAX_DEFAULT = 0xfffff;

const LENGTH_BYTES = 4;

/** Writes one frame whose payload is whatever `encodeBody` writes. */
export function encodeFrame(writer: JuteWriter, encodeBody: (writer: JuteWriter) => void): void {
  const start = writer.position;
  writer.int(0);
  encodeBody(writer);
  writer.view.setInt32(start, writer.position - start - LENGTH_BYTES);
}

/**
 * Cuts frames from a stream that comes in chunks of any size: push a chunk, then call `next` until
 * it says null. A length that is negative or above `frameBytesMax` ends the stream for good.
 */
export class FrameReader {
  readonly #frameBytesMax: number;
  readonly #chunks: ChunkQueue = new ChunkQueue();
  #badLength: number | null = null;

  constructor(frameBytesMax: number = FRAME_BYTES_MAX_DEFAULT) {
    this.#frameBytesMax = frameBytesMax;
  }

  /** The length that cannot be, null while the stream is sound. */
  get badLength(): number | null {
    return this.#badLength;
  }

  /** Hands in a chunk, which must stay unchanged while frames cut from it are in use. */
  push(chunk: Uint8Array): void {
    if (this.#badLength === null) this.#chunks.push(chunk);
  }

  /** The payload of the next frame, null when it is not all here or the stream has ended. */
  next(): Uint8Array | null {
    if (this.#badLength !== null) return null;
    const prefix = this.#chunks.peek(LENGTH_BYTES);
    if (prefix === null) return null;
    const length = readInt32(prefix);
    if (length < 0 || length > this.#frameBytesMax) {
      this.#badLength = length;
      return null;
    }
    const frame = this.#chunks.peek(LENGTH_BYTES + length);
    if (frame === null) return null;
    this.#chunks.skip(frame.length);
    return frame.subarray(LENGTH_BYTES);
  }
}

function readInt32(bytes: Uint8Array): number {
  return (bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!;
}
