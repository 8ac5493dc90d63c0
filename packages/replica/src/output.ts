/**
 * Buffers for what leaves to clients. A connection holds one only from its first output in a turn
 * until the body has sent it, so idle connections hold none.
 */
import { type BufferSource, JuteWriter } from '@zabra/wire';
import type { ClientOutput } from './contract.ts';

const FIRST_BYTES = 4096;
/** Outputs are kept with buffers up to this size, and up to this together; others give theirs back. */
const KEPT_BYTES_MAX = 256 * 1024;
const KEPT_BYTES_TOTAL = 4 * 1024 * 1024;

export class Output implements ClientOutput {
  readonly writer: JuteWriter;
  connection = 0;
  /** Bytes that the body has said have left. */
  sentBytes = 0;

  constructor(buffers: BufferSource) {
    this.writer = new JuteWriter(FIRST_BYTES, buffers);
  }

  get bytes(): Uint8Array {
    return this.writer.bytes;
  }

  get byteCount(): number {
    return this.writer.position;
  }
}

export class OutputPool {
  readonly #buffers: BufferSource;
  readonly #free: Output[] = [];
  #keptBytes = 0;

  constructor(buffers: BufferSource) {
    this.#buffers = buffers;
  }

  acquire(connection: number): Output {
    const kept = this.#free.pop();
    const output = kept ?? new Output(this.#buffers);
    if (kept !== undefined) this.#keptBytes -= kept.bytes.length;
    output.connection = connection;
    output.sentBytes = 0;
    output.writer.position = 0;
    return output;
  }

  release(output: Output): void {
    const { length } = output.bytes;
    if (length > KEPT_BYTES_MAX || this.#keptBytes + length > KEPT_BYTES_TOTAL) {
      output.writer.release();
      return;
    }
    this.#keptBytes += length;
    this.#free.push(output);
  }
}
