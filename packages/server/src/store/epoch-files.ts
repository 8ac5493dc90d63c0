/**
 * The two numbers that a member must not forget, each in a file of its own beside the snapshots:
 * `acceptedEpoch`, the highest it has promised to follow, and `currentEpoch`, that of the last leader
 * whose history it has taken over. What is read here is never higher than what was promised.
 */
import { join } from 'node:path';
import type { Files } from './files.ts';
import { replaceFile } from './replace-file.ts';
import { StorageError } from './storage-error.ts';

export type EpochName = 'accepted' | 'current';
export type Epochs = Readonly<Record<EpochName, number>>;

const EPOCH_MAX = 0x7fffffff;

export class EpochFiles {
  readonly #files: Files;
  readonly #directory: string;

  constructor(files: Files, directory: string) {
    this.#files = files;
    this.#directory = directory;
  }

  pathOf(name: EpochName): string {
    return join(this.#directory, `${name}Epoch`);
  }

  /** Safely, in one step. */
  async store(name: EpochName, epoch: number): Promise<void> {
    await replaceFile(this.#files, this.pathOf(name), String(epoch));
  }

  /**
   * Reads both, and writes down what is missing: a server that served alone has neither. Where it is
   * missing, the epoch of the last transaction counts, now and not when more transactions have come:
   * those of a leader who is lost half-way would make the history look whole.
   *
   * A current epoch below that of the last transaction is what such a leader leaves. It stays: who
   * has taken over everything is better. An accepted one below either is what a power cut leaves of
   * a file whose name was not safe. It rises, since a promise may always be higher.
   */
  async complete(lastZxid: bigint): Promise<Epochs> {
    const logged = Number(lastZxid >> 32n);
    const storedAccepted = await this.#read('accepted');
    const storedCurrent = await this.#read('current');
    const current = storedCurrent ?? logged;
    const accepted = Math.max(storedAccepted ?? 0, current, logged);
    // At no moment is the accepted one below the other.
    if (accepted !== storedAccepted) await this.store('accepted', accepted);
    if (current !== storedCurrent) await this.store('current', current);
    return { accepted, current };
  }

  /** Null when there is no such file. */
  async #read(name: EpochName): Promise<number | null> {
    const path = this.pathOf(name);
    const text = await this.#files.readText(path);
    if (text === null) return null;
    const line = text.split('\n', 1)[0]?.trim() ?? '';
    const epoch = Number(line);
    if (/^\d{1,10}$/.test(line) && epoch <= EPOCH_MAX) return epoch;
    throw StorageError.ofContent({
      problem: `The file ${path} does not hold an epoch.`,
      advice:
        'Restore the data directory from a backup. If a quorum of the other members is sound, it may be emptied instead: they fill it again.',
    });
  }
}
