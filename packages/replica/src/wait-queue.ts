/**
 * A connection's requests that wait their turn: writes under way, and whatever came behind them and
 * must not overtake. Requests are kept as the bytes they came as; an entry costs no object.
 */
import { JuteWriter } from '@zabra/wire';

/** A write whose answer comes with its commit; a read to be done then; an answer already known. */
export const Waiting = { Write: 1, Read: 2, Answer: 3 } as const;
export type Waiting = (typeof Waiting)[keyof typeof Waiting];

/** kind, byte count of what follows. */
const HEAD_BYTES = 8;
const KEPT_BYTES_MAX = 64 * 1024;

export class WaitQueue {
  #entries: JuteWriter | null = null;
  #head = 0;
  #count = 0;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  get count(): number {
    return this.#count;
  }

  get byteCount(): number {
    return this.#entries === null ? 0 : this.#entries.position - this.#head;
  }

  /** Kind of the entry at the head; only while the queue is not empty. */
  get kind(): Waiting {
    return this.#entries!.view.getInt32(this.#head) as Waiting;
  }

  /** Where the head entry's content lies, in `bytes` and `view`. */
  get start(): number {
    return this.#head + HEAD_BYTES;
  }

  get end(): number {
    return this.start + this.#entries!.view.getInt32(this.#head + 4);
  }

  get bytes(): Uint8Array {
    return this.#entries!.bytes;
  }

  get view(): DataView {
    return this.#entries!.view;
  }

  /** The xid, opcode and arrival of a write. */
  pushWrite(xid: number, opcode: number, arrivedMs: number): void {
    const entries = this.#begin(Waiting.Write, 16);
    entries.int(xid);
    entries.int(opcode);
    entries.reserve(8);
    entries.view.setFloat64(entries.position, arrivedMs);
    entries.position += 8;
  }

  /** A whole request. */
  pushRead(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    this.#begin(Waiting.Read, end - start).raw(bytes, view, start, end - start);
  }

  pushAnswer(xid: number, zxidHigh: number, zxidLow: number, error: number): void {
    const entries = this.#begin(Waiting.Answer, 16);
    entries.int(xid);
    entries.long2(zxidHigh, zxidLow);
    entries.int(error);
  }

  pop(): void {
    this.#head = this.end;
    this.#count -= 1;
    if (this.#count > 0) return;
    const entries = this.#entries!;
    this.#head = 0;
    entries.position = 0;
    if (entries.bytes.length > KEPT_BYTES_MAX) this.#entries = null;
  }

  #begin(kind: Waiting, byteCount: number): JuteWriter {
    this.#entries ??= new JuteWriter(256);
    const entries = this.#entries;
    const needed = HEAD_BYTES + byteCount;
    // Sliding down instead of growing keeps a long-lived queue as small as what waits in it.
    if (this.#head > 0 && entries.position + needed > entries.bytes.length) {
      entries.bytes.copyWithin(0, this.#head, entries.position);
      entries.position -= this.#head;
      this.#head = 0;
    }
    entries.int(kind);
    entries.int(byteCount);
    this.#count += 1;
    return entries;
  }
}
