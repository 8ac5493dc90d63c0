/** What a leader has read for its learners at the moment, by the numbers under which it was asked. */
import type { Zxid } from '@zabra/wire';
import type { LogReading } from './contract.ts';

/** Takes what was read. */
export interface Reading {
  onRecord(
    high: number,
    low: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    byteCount: number,
  ): void;
  onLogPulled(reading: LogReading): void;
  /** It begins, and holds everything up to this zxid. */
  onSnapshotOpened(zxid: Zxid): void;
  onSnapshotPulled(piece: Uint8Array, isEnd: boolean): void;
}

export class Readings {
  readonly #open = new Map<number, Reading>();
  #readers = 0;

  /** The number for a new one; none is used twice. */
  open(reading: Reading): number {
    this.#readers += 1;
    this.#open.set(this.#readers, reading);
    return this.#readers;
  }

  close(reader: number): void {
    this.#open.delete(reader);
  }

  of(reader: number): Reading | undefined {
    return this.#open.get(reader);
  }
}
