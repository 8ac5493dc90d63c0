/** Everybody who reads the logs at the moment, by the numbers that the mind has given them. */
import type { CloseLogOrder, OpenLogOrder, PullLogOrder } from '@zabra/replica';
import type { Files } from './files.ts';
import { LogReader } from './log-reader.ts';
import type { Shelf, StoredLog } from './shelf.ts';
import type { StoreEvents } from './store.ts';
import { describeSystemError } from './system-error.ts';

export type ReadingOrder = OpenLogOrder | PullLogOrder | CloseLogOrder;

const NOTHING = new Uint8Array(0);

export class LogReaders {
  readonly #files: Files;
  readonly #shelf: Shelf<StoredLog>;
  readonly #events: StoreEvents;
  readonly #readers = new Map<number, LogReader>();

  constructor(files: Files, shelf: Shelf<StoredLog>, events: StoreEvents) {
    this.#files = files;
    this.#shelf = shelf;
    this.#events = events;
  }

  perform(order: ReadingOrder): void {
    const { reader } = order;
    if (order.kind === 'openLog') {
      this.#readers.set(reader, new LogReader(this.#files, this.#shelf, order.from));
    } else if (order.kind === 'pullLog') {
      void this.#pull(reader, order.byteCount);
    } else {
      void this.#close(reader);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#readers.keys()].map((reader) => this.#close(reader)));
  }

  async #pull(number: number, byteCount: number): Promise<void> {
    const reader = this.#readers.get(number);
    if (reader === undefined) return;
    try {
      const { bytes, end } = await reader.pull(byteCount);
      if (this.#readers.has(number)) this.#events.onLogRead(number, bytes, end);
    } catch (error) {
      const text = `The transaction log ${reader.path} cannot be read for another server: ${describeSystemError(error)}.`;
      this.#events.onNotice('warn', text);
      if (this.#readers.has(number)) this.#events.onLogRead(number, NOTHING, 'gone');
    }
  }

  /** Nothing rests on a file that was only read. */
  async #close(number: number): Promise<void> {
    const reader = this.#readers.get(number);
    this.#readers.delete(number);
    await reader?.close().catch(() => {});
  }
}
