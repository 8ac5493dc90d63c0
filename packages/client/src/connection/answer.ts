/**
 * The record behind an answer's header, where it lies. One object reads all answers, and those that
 * came in one chunk through one view of it: reading one makes nothing but what the program gets.
 */
import { JuteReader } from '@zabra/wire';
import type { Bytes } from './bytes.ts';
import type { Host } from './host.ts';

const NOTHING = new Uint8Array(0);

export class Answer {
  readonly reader: JuteReader = new JuteReader();
  readonly #host: Host;
  #bytes: Uint8Array = NOTHING;
  #view: DataView = new DataView(NOTHING.buffer);

  constructor(host: Host) {
    this.#host = host;
  }

  over(body: Uint8Array): this {
    if (body.buffer !== this.#bytes.buffer) {
      this.#bytes = new Uint8Array(body.buffer);
      this.#view = new DataView(body.buffer);
    }
    const start = body.byteOffset;
    this.reader.reset(this.#bytes, this.#view, start, start + body.length);
    return this;
  }

  /** The next buffer, copied; null is read as empty. */
  data(): Bytes {
    const byteCount = Math.max(0, this.reader.span());
    const { bytes, spanStart } = this.reader;
    return this.#host.copyBytes(bytes, byteCount === 0 ? 0 : spanStart, byteCount);
  }
}
