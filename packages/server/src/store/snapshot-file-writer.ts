/**
 * Writes one snapshot: under a passing name first, and under its own only when every byte of it is
 * safe, so that a file with the name of a snapshot is a whole one. What is left over by a failure or
 * by a server that died is removed.
 */
import { join } from 'node:path';
import { type SnapshotForm, snapshotName, temporaryName } from './file-names.ts';
import { type Files, type OpenFile, writeAll } from './files.ts';
import type { Shelf } from './shelf.ts';
import type { StoredSnapshot } from './snapshot-file.ts';
import { Zip } from './zip.ts';

/** So much may wait for the disk: a sync of everything at the end would hold up the log's. */
const UNSYNCED_BYTES_MAX = 16 * 1024 * 1024;

export type WrittenForm = Exclude<SnapshotForm, 'snappy'>;

export class SnapshotFileWriter {
  readonly #files: Files;
  readonly #directory: string;
  readonly zxid: bigint;
  readonly #form: WrittenForm;
  readonly #path: string;
  readonly #file: OpenFile;
  readonly #zip: Zip | null;
  #position = 0;
  #synced = 0;

  private constructor(
    files: Files,
    directory: string,
    zxid: bigint,
    form: WrittenForm,
    path: string,
    file: OpenFile,
  ) {
    this.#files = files;
    this.#directory = directory;
    this.zxid = zxid;
    this.#form = form;
    this.#path = path;
    this.#file = file;
    this.#zip = form === 'gz' ? new Zip() : null;
  }

  static async begin(
    files: Files,
    directory: string,
    zxid: bigint,
    form: WrittenForm,
  ): Promise<SnapshotFileWriter> {
    const path = join(directory, snapshotName({ zxid, form }));
    const file = await files.open(temporaryName(path), 'create');
    return new SnapshotFileWriter(files, directory, zxid, form, path, file);
  }

  get path(): string {
    return this.#path;
  }

  async add(slice: Uint8Array): Promise<void> {
    await this.#write(this.#zip === null ? [slice] : await this.#zip.push(slice));
    if (this.#position - this.#synced < UNSYNCED_BYTES_MAX) return;
    await this.#file.sync();
    this.#synced = this.#position;
  }

  /** Makes it a snapshot; it is on the shelf then. */
  async finish(shelf: Shelf<StoredSnapshot>): Promise<void> {
    if (this.#zip !== null) await this.#write(await this.#zip.finish());
    await this.#file.sync();
    await this.#file.close();
    await this.#files.rename(temporaryName(this.#path), this.#path);
    await this.#files.syncDirectory(this.#directory);
    const stored = { path: this.#path, zxid: this.zxid, form: this.#form, bytes: this.#position };
    shelf.put(stored);
  }

  /** Gives it up, at any point before it is finished. */
  async discard(): Promise<void> {
    this.#zip?.discard();
    await this.#file.close().catch(() => {});
    await this.#files.remove(temporaryName(this.#path)).catch(() => {});
  }

  async #write(pieces: readonly Uint8Array[]): Promise<void> {
    if (pieces.length > 0) this.#position += await writeAll(this.#file, pieces, this.#position);
  }
}
