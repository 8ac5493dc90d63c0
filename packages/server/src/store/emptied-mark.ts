/**
 * A file beside the snapshots that says: this database is empty and should not be. A member that
 * finds it has no say until another has filled it, since with nothing to its name it could help to
 * elect a leader that lacks what was acknowledged.
 *
 * It is there before the last of what it speaks of goes, and goes when a snapshot has come.
 */
import { join } from 'node:path';
import type { Files } from './files.ts';
import { replaceFile } from './replace-file.ts';

const MARK_NAME = 'zabra.emptied';
/** For whoever looks into it. */
const TEXT = 'emptied\n';

export class EmptiedMark {
  readonly #files: Files;
  readonly #directory: string;
  readonly #path: string;
  #isSet: boolean;

  private constructor(files: Files, directory: string, path: string, isSet: boolean) {
    this.#files = files;
    this.#directory = directory;
    this.#path = path;
    this.#isSet = isSet;
  }

  static async find(files: Files, directory: string): Promise<EmptiedMark> {
    const path = join(directory, MARK_NAME);
    return new EmptiedMark(files, directory, path, (await files.readText(path)) !== null);
  }

  get isSet(): boolean {
    return this.#isSet;
  }

  async set(): Promise<void> {
    if (this.#isSet) return;
    await replaceFile(this.#files, this.#path, TEXT);
    this.#isSet = true;
  }

  async clear(): Promise<void> {
    if (!this.#isSet) return;
    await this.#files.remove(this.#path);
    await this.#files.syncDirectory(this.#directory);
    this.#isSet = false;
  }
}
