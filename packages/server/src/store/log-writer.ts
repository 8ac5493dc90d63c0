/**
 * Writes transactions into logs. A log is begun by the first append after a start or a roll and is
 * called by the zxid of its first record; no log of an earlier run is ever appended to. An append is
 * one durable write, and it has come back only when its bytes are safe, and the name of its file.
 *
 * Appends come one at a time. After one has failed the writer is worthless: what the file holds then
 * is anybody's guess, and only a restart finds out.
 */
import { join } from 'node:path';
import { encodeLogHeader, JuteWriter, LOG_HEADER_BYTES } from '@zabra/wire';
import { logName } from './file-names.ts';
import { type Files, type OpenFile, writeAll } from './files.ts';
import type { Shelf, StoredLog } from './shelf.ts';
import { ZeroAhead } from './zero-ahead.ts';

export interface LogSettings {
  /** Whether a write is on the disk before it is acknowledged. */
  readonly forceSync: boolean;
  readonly logPreallocationBytes: number;
  /** Size at which the next log is begun; 0 is without limit. */
  readonly logFileBytesMax: number;
}

interface OpenLog {
  readonly file: OpenFile;
  readonly zeros: ZeroAhead;
  /** Its `end` is where the next record goes. */
  readonly stored: StoredLog & { end: number };
}

export interface Append {
  readonly bytes: Uint8Array;
  readonly firstZxid: bigint;
}

export class LogWriter {
  readonly #files: Files;
  readonly #directory: string;
  readonly #shelf: Shelf<StoredLog>;
  readonly #settings: LogSettings;
  #current: OpenLog | null = null;
  #path: string;
  /** Logs that are being closed while the next is in use already. */
  #closing: Promise<unknown> = Promise.resolve();

  constructor(files: Files, directory: string, shelf: Shelf<StoredLog>, settings: LogSettings) {
    this.#files = files;
    this.#directory = directory;
    this.#path = directory;
    this.#shelf = shelf;
    this.#settings = settings;
  }

  /** The log in use, or the one that was to be begun. */
  get path(): string {
    return this.#path;
  }

  async append({ bytes, firstZxid }: Append): Promise<void> {
    const log = this.#current ?? (await this.#begin(firstZxid));
    const { stored } = log;
    const isNew = stored.end === 0;
    const pieces = isNew ? [header(), bytes] : [bytes];
    const end = stored.end + bytes.length + (isNew ? LOG_HEADER_BYTES : 0);
    if (log.zeros.isInTheWayOf(end)) await log.zeros.settle();
    const written = writeAll(log.file, pieces, stored.end);
    await (isNew ? Promise.all([written, this.#syncName()]) : written);
    stored.end = end;
    log.zeros.onWritten(end, bytes.length);
    const limit = this.#settings.logFileBytesMax;
    if (limit > 0 && end > limit) this.roll();
  }

  /** The next append begins a new log. */
  roll(): void {
    const log = this.#current;
    if (log === null) return;
    this.#current = null;
    // A failure changes nothing: what was acknowledged is safe, and the next append meets the disk.
    this.#closing = Promise.allSettled([this.#closing, close(log)]);
  }

  /** Nothing is open behind this; the next append begins a new log all the same. */
  async close(): Promise<void> {
    this.roll();
    await this.#closing;
  }

  async #begin(firstZxid: bigint): Promise<OpenLog> {
    const { forceSync, logPreallocationBytes } = this.#settings;
    const path = join(this.#directory, logName(firstZxid));
    this.#path = path;
    const file = await this.#files.open(path, forceSync ? 'createDurable' : 'create');
    const stored = { path, zxid: firstZxid, bytes: 0, end: 0 };
    this.#shelf.put(stored);
    const zeros = new ZeroAhead(this.#files, path, {
      preallocationBytes: logPreallocationBytes,
      isDurable: forceSync,
      onGrown: (bytes) => {
        stored.bytes = bytes;
      },
    });
    this.#current = { file, zeros, stored };
    return this.#current;
  }

  async #syncName(): Promise<void> {
    if (this.#settings.forceSync) await this.#files.syncDirectory(this.#directory);
  }
}

async function close({ file, zeros }: OpenLog): Promise<void> {
  try {
    await zeros.close();
  } finally {
    await file.close();
  }
}

function header(): Uint8Array {
  const writer = new JuteWriter(LOG_HEADER_BYTES);
  encodeLogHeader(writer);
  return writer.finish();
}
