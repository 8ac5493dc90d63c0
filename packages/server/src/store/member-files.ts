/**
 * What the disk of a member does besides taking appends and snapshots, one thing at a time: it keeps
 * epochs and configurations, cuts the log, and reads everything back for a mind that starts over.
 */
import type {
  RebuildOrder,
  Recovery,
  StoreConfigurationOrder,
  StoreEpochOrder,
  TruncateOrder,
} from '@zabra/replica';
import { assert } from '@zabra/wire';
import type { ConfigurationFiles } from '../config/configuration-files.ts';
import { cutAbove } from './cut-above.ts';
import type { Directories } from './directories.ts';
import type { EmptiedMark } from './emptied-mark.ts';
import type { EpochFiles } from './epoch-files.ts';
import type { Files } from './files.ts';
import type { Shelves } from './read-shelves.ts';
import type { StoreEvents } from './store.ts';

export type MemberOrder = StoreEpochOrder | StoreConfigurationOrder | TruncateOrder | RebuildOrder;

export interface MemberDisk {
  readonly files: Files;
  readonly directories: Directories;
  readonly shelves: Shelves;
  readonly epochs: EpochFiles;
  /** Null where nobody has said where they are to be kept. */
  readonly configurations: ConfigurationFiles | null;
  readonly mark: EmptiedMark;
  /** Resolves when nobody else changes what lies on the shelves, and keeps them off until it is done. */
  readonly alone: (change: () => Promise<void>) => Promise<void>;
  /** Everything that is stored, read while the server lives on. */
  readonly readAgain: () => Promise<Recovery>;
}

export class MemberFiles {
  readonly #disk: MemberDisk;
  readonly #events: StoreEvents;

  constructor(disk: MemberDisk, events: StoreEvents) {
    this.#disk = disk;
    this.#events = events;
  }

  /** Answers the order; rejects where it cannot be done. No log is open meanwhile. */
  async perform(order: MemberOrder): Promise<void> {
    if (order.kind === 'rebuild') {
      this.#events.onRebuilt(order.ticket, await this.#disk.readAgain());
      return;
    }
    if (order.kind === 'storeEpoch') await this.#disk.epochs.store(order.name, order.epoch);
    else if (order.kind === 'storeConfiguration') await this.#storeConfiguration(order);
    else await this.#cut(order.zxid);
    this.#events.onDone(order.ticket);
  }

  /** The beginning of what is told of an order that failed. */
  whatFails(order: MemberOrder): string {
    const { directories, epochs } = this.#disk;
    if (order.kind === 'storeEpoch') return `${epochs.pathOf(order.name)} cannot be written`;
    if (order.kind === 'storeConfiguration') return 'The new list of members cannot be written';
    if (order.kind === 'truncate') return `The logs in ${directories.logs} cannot be cut`;
    return `The data in ${directories.snapshots} cannot be read again`;
  }

  async #storeConfiguration({ name, ensemble }: StoreConfigurationOrder): Promise<void> {
    const { configurations } = this.#disk;
    assert(configurations !== null, 'whose members may change has a place to write them down');
    if (name === 'next') await configurations.storeNext(ensemble);
    else if (ensemble !== null) await configurations.storeCommitted(ensemble);
  }

  #cut(zxid: bigint): Promise<void> {
    const { files, shelves, mark, alone } = this.#disk;
    return alone(() => cutAbove(files, shelves, mark, zxid));
  }
}
