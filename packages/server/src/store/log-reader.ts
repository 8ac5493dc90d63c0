/**
 * Reads the logs for one other server, a piece at a time and only when it is asked: from the newest
 * that begins at or below a zxid, on through all later ones, up to what is safe on the disk. In the
 * log that is being written this is where the last answered append ended, whatever lies behind it.
 *
 * Between two pieces it holds nothing but its place and the open file. A log that is cleared away or
 * replaced meanwhile cannot be read on.
 */
import type { LogPieceEnd } from '@zabra/replica';
import type { Files, OpenFile } from './files.ts';
import { LogWalk } from './log-walk.ts';
import type { Shelf, StoredLog } from './shelf.ts';

export interface LogPiece {
  /** Nobody else has it. */
  readonly bytes: Uint8Array;
  readonly end: LogPieceEnd;
}

const NOTHING = new Uint8Array(0);

export class LogReader {
  readonly #files: Files;
  readonly #shelf: Shelf<StoredLog>;
  readonly #from: bigint;
  #log: StoredLog | undefined;
  #file: OpenFile | null = null;
  /** How much of the log was read. */
  #at = 0;
  #walk = new LogWalk(() => {});
  #isBusy = false;
  #isClosed = false;

  constructor(files: Files, shelf: Shelf<StoredLog>, from: bigint) {
    this.#files = files;
    this.#shelf = shelf;
    this.#from = from;
  }

  /** The log it is in, as far as it has come to one. */
  get path(): string | null {
    return this.#log?.path ?? null;
  }

  /** One at a time. Rejects where the system refuses. */
  async pull(byteCount: number): Promise<LogPiece> {
    this.#isBusy = true;
    try {
      return await this.#pull(byteCount);
    } finally {
      this.#isBusy = false;
      if (this.#isClosed) await this.#closeFile();
    }
  }

  /** A piece that is on its way is the last. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (!this.#isBusy) await this.#closeFile();
  }

  async #pull(byteCount: number): Promise<LogPiece> {
    this.#log ??= this.#shelf.from(this.#from)[0];
    const log = this.#log;
    if (log === undefined) return { bytes: NOTHING, end: 'end' };
    if (!this.#shelf.has(log)) {
      await this.#closeFile();
      return { bytes: NOTHING, end: 'gone' };
    }
    const left = (log.end ?? log.bytes) - this.#at;
    const bytes = left > 0 ? await this.#read(log, Math.min(byteCount, left)) : NOTHING;
    if (!this.#isAtEnd(log)) return { bytes, end: 'more' };
    const next = this.#shelf.after(log);
    if (next === undefined) return { bytes, end: 'end' };
    await this.#closeFile();
    this.#log = next;
    this.#at = 0;
    this.#walk = new LogWalk(() => {});
    return { bytes, end: 'fileEnd' };
  }

  async #read(log: StoredLog, byteCount: number): Promise<Uint8Array> {
    this.#file ??= await this.#files.open(log.path, 'read');
    const target = new Uint8Array(byteCount);
    const count = await this.#file.read(target, this.#at);
    if (count < byteCount) throw new Error('it is shorter than it was');
    this.#at += count;
    this.#walk.push(target);
    return target;
  }

  /** What an earlier run left may be followed by any number of zeros, or by half a record. */
  #isAtEnd({ end, bytes }: StoredLog): boolean {
    if (end !== null) return this.#at >= end;
    return this.#walk.hasEnded || this.#at >= bytes;
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }
}
