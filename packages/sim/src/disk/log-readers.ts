/**
 * Those who read the logs at the moment, a piece at a time and only when it is asked for: from the
 * newest that begins at or below a zxid, on through all later ones, up to what is safe.
 */
import type { DiskOrder, LogPieceEnd } from '@zabra/replica';
import { layoutOf } from './log-file.ts';
import type { LogWriter } from './log-writer.ts';
import { nameOf, type Workbench } from './workbench.ts';

type ReadingOrder = DiskOrder & { readonly kind: 'openLog' | 'pullLog' | 'closeLog' };

interface Reader {
  readonly from: bigint;
  /** The log it is in; null before it has read anything. */
  log: bigint | null;
  at: number;
}

const NOTHING = new Uint8Array(0);

export class LogReaders {
  readonly #bench: Workbench;
  readonly #writer: LogWriter;
  readonly #readers = new Map<number, Reader>();
  /** Whose pulls are still to be answered, in the order of their steps. */
  readonly #pulls: number[] = [];

  constructor(bench: Workbench, writer: LogWriter) {
    this.#bench = bench;
    this.#writer = writer;
  }

  perform(order: ReadingOrder): void {
    const { reader } = order;
    if (order.kind === 'openLog') {
      this.#readers.set(reader, { from: order.from, log: null, at: 0 });
    } else if (order.kind === 'closeLog') this.#readers.delete(reader);
    else {
      this.#pulls.push(reader);
      this.#bench.push('read', 'read.pull', () => {
        this.#pulls.shift();
        this.#pull(reader, order.byteCount);
      });
    }
  }

  /** The system refuses to read: nobody who waits gets anything. */
  fail(): void {
    for (const reader of this.#pulls.splice(0)) this.#tell(reader, NOTHING, 'gone');
  }

  forget(): void {
    this.#readers.clear();
    this.#pulls.length = 0;
  }

  #pull(number: number, byteCount: number): void {
    const reader = this.#readers.get(number);
    if (reader === undefined) return;
    const logs = this.#bench.zxidsOf('log');
    reader.log ??= logs.filter((zxid) => zxid <= reader.from).at(-1) ?? logs[0] ?? null;
    const { log } = reader;
    if (log === null) this.#tell(number, NOTHING, 'end');
    else if (!logs.includes(log)) this.#tell(number, NOTHING, 'gone');
    else this.#read(number, reader, log, byteCount, logs.find((zxid) => zxid > log) ?? null);
  }

  #read(number: number, reader: Reader, log: bigint, byteCount: number, next: bigint | null): void {
    const name = nameOf('log', log);
    const bytes = this.#bench.directory.read(name);
    const safe = this.#writer.ends.get(name) ?? layoutOf(bytes).end;
    const end = Math.min(reader.at + byteCount, Math.max(safe, reader.at));
    const piece = bytes.slice(reader.at, end);
    reader.at = end;
    if (end < safe) this.#tell(number, piece, 'more');
    else if (next === null) this.#tell(number, piece, 'end');
    else {
      reader.log = next;
      reader.at = 0;
      this.#tell(number, piece, 'fileEnd');
    }
  }

  #tell(reader: number, piece: Uint8Array, end: LogPieceEnd): void {
    this.#bench.answer({ kind: 'read', reader, piece, end });
  }
}
