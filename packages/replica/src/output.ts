/**
 * Buffers for what leaves to clients. A connection holds one only from its first output in a turn
 * until the body has sent it, so idle connections hold none.
 */
import { JuteWriter } from '@zabra/wire';
import type { ClientOutput } from './contract.ts';

const FIRST_BYTES = 4096;
/** Buffers that grew beyond this, or beyond this together, are left to the garbage collector. */
const KEPT_BYTES_MAX = 4 * 1024 * 1024;
const KEPT_BYTES_TOTAL = 16 * 1024 * 1024;

export class Output implements ClientOutput {
  readonly writer: JuteWriter = new JuteWriter(FIRST_BYTES);
  connection = 0;

  get bytes(): Uint8Array {
    return this.writer.bytes;
  }

  get byteCount(): number {
    return this.writer.position;
  }
}

export class OutputPool {
  readonly #free: Output[] = [];
  #keptBytes = 0;

  acquire(connection: number): Output {
    const kept = this.#free.pop();
    const output = kept ?? new Output();
    if (kept !== undefined) this.#keptBytes -= kept.bytes.length;
    output.connection = connection;
    output.writer.position = 0;
    return output;
  }

  release(output: Output): void {
    const { length } = output.bytes;
    if (length > KEPT_BYTES_MAX || this.#keptBytes + length > KEPT_BYTES_TOTAL) return;
    this.#keptBytes += length;
    this.#free.push(output);
  }
}
