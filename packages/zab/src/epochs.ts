/**
 * The two epochs that a server keeps on disk. `accepted` is the highest it has promised to follow:
 * after that it serves no leader of a lower one. `current` is that of the last leader whose history
 * it has taken over completely: by it, before all else, the best history is elected.
 *
 * Both count only when the disk has said so.
 */
import { assert } from '@zabra/wire';
import type { EpochName, Journal } from './contract.ts';

export class Epochs {
  readonly #journal: Journal;
  readonly #asked: number[] = [];
  accepted: number;
  current: number;

  /** An accepted epoch below the current one can only be a file that a crash kept from its name. */
  constructor(journal: Journal, accepted: number, current: number) {
    this.#journal = journal;
    this.accepted = Math.max(accepted, current);
    this.current = current;
  }

  /** Whether the disk has answered everything. */
  get isDurable(): boolean {
    return this.#asked.length === 0;
  }

  store(name: EpochName, epoch: number): void {
    assert(epoch >= this[name], `the ${name} epoch never falls`);
    this.#asked.push(epoch);
    this.#journal.storeEpoch(name, epoch);
  }

  onStored(name: EpochName, epoch: number): void {
    assert(this.#asked.shift() === epoch, 'epochs are stored in the order in which they were told');
    this[name] = epoch;
    assert(this.accepted >= this.current, 'no epoch is taken over that was not promised');
  }
}
