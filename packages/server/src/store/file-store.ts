/**
 * The store in files. It opens the directories and keeps them locked, hands what they hold to the
 * recovery, and then performs orders on two lanes: appends on one, snapshots on the other.
 *
 * It fails once and for all: after an append has failed, nothing more is written, since nobody knows
 * what the disk holds. A failed snapshot is told the same way; whoever ordered it
 * decides what it means.
 */
import type { DiskOrder, Recovery } from '@zabra/replica';
import { assert } from '@zabra/wire';
import type { ServerSettings } from '../config/settings.ts';
import { type Directories, openDirectories } from './directories.ts';
import { type DirectoryLock, lockDirectory } from './directory-lock.ts';
import type { Files } from './files.ts';
import { Gate } from './gate.ts';
import { LogLane } from './log-lane.ts';
import { LogWriter } from './log-writer.ts';
import { nodeFiles } from './node-files.ts';
import { purge } from './purge.ts';
import { readEpoch, readShelves, type Shelves } from './read-shelves.ts';
import { SnapshotFileWriter } from './snapshot-file-writer.ts';
import { SnapshotLane, type SnapshotShop } from './snapshot-lane.ts';
import { startData } from './start-data.ts';
import { StorageError } from './storage-error.ts';
import type { Store, StoreEvents, StoreSizes } from './store.ts';
import { describeSystemError, systemErrorName } from './system-error.ts';

export type FileStoreSettings = Pick<
  ServerSettings,
  | 'dataDir'
  | 'dataLogDir'
  | 'dataDirAutocreate'
  | 'databaseAutocreate'
  | 'trustEmptySnapshot'
  | 'forceSync'
  | 'fsyncWarningMs'
  | 'logFileBytesMax'
  | 'logPreallocationBytes'
  | 'snapshotCompression'
  | 'snapshotsRetained'
>;

/** What there is once the directories are open. */
interface Opened {
  readonly directories: Directories;
  readonly shelves: Shelves;
  readonly logs: LogLane;
  readonly snapshots: SnapshotLane;
}

const CLOSED = 'The store is closed: nothing more is written.';

export class FileStore implements Store {
  readonly #settings: FileStoreSettings;
  readonly #events: StoreEvents;
  readonly #files: Files;
  readonly #gate = new Gate();
  #locks: readonly DirectoryLock[] = [];
  #opened: Opened | null = null;
  /** Whether the operator's marker for a new database waits for its first snapshot. */
  #isMarked = false;
  #purging: Promise<readonly string[]> | null = null;
  #closing: Promise<void> | null = null;

  constructor(settings: FileStoreSettings, events: StoreEvents, files: Files = nodeFiles) {
    this.#settings = settings;
    this.#events = events;
    this.#files = files;
  }

  /** Opens and locks the directories first; refuses with a `StorageError` what cannot be used. */
  async recover(recovery: Recovery): Promise<void> {
    try {
      this.#opened = await this.#start(recovery);
    } catch (error) {
      if (systemErrorName(error) === null) throw error;
      const { dataDir } = this.#settings;
      throw StorageError.ofSystem(`The data directory ${dataDir} cannot be read`, error);
    }
  }

  perform(order: DiskOrder): void {
    const { logs, snapshots } = this.#whenOpen();
    if (order.kind === 'append' || order.kind === 'roll') logs.push(order);
    else snapshots.push(order);
  }

  sizes(): StoreSizes {
    const { logs, snapshots } = this.#opened?.shelves ?? {};
    return { snapshotBytes: snapshots?.bytes ?? 0, logBytes: logs?.bytes ?? 0 };
  }

  /** One at a time; a purge that is under way is finished before the directories are let go. */
  purge(): Promise<readonly string[]> {
    this.#purging ??= this.#purge().finally(() => {
      this.#purging = null;
    });
    return this.#purging;
  }

  async #purge(): Promise<readonly string[]> {
    const { shelves } = this.#whenOpen();
    const removed: string[] = [];
    if (this.#gate.reason !== null) return removed;
    try {
      await purge(this.#files, shelves, this.#settings.snapshotsRetained, removed);
    } catch (error) {
      const text = `Old snapshots and logs stay where they are: ${describeSystemError(error)}.`;
      this.#events.onNotice('warn', text);
    }
    return removed;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #start(recovery: Recovery): Promise<Opened> {
    const opened = await this.#open();
    const { directories, shelves } = opened;
    const { trustEmptySnapshot, databaseAutocreate } = this.#settings;
    this.#isMarked = (await this.#files.readText(directories.initializeMarker)) !== null;
    const trustEmptyDirectory = databaseAutocreate || this.#isMarked;
    await startData(
      this.#files,
      { ...shelves, directory: directories.snapshots },
      { trustEmptySnapshot, trustEmptyDirectory },
      recovery,
      (text) => this.#events.onNotice('warn', text),
    );
    if (shelves.snapshots.files.length > 0) await this.#dropMarker(directories);
    await this.#tellOrigin(directories);
    return opened;
  }

  async #open(): Promise<Opened> {
    const files = this.#files;
    const settings = this.#settings;
    const directories = await openDirectories(files, settings);
    for (const root of directories.roots) {
      this.#locks = [...this.#locks, await lockDirectory(files, root)];
    }
    const shelves = await readShelves(files, directories);
    const writer = new LogWriter(files, directories.logs, shelves.logs, settings);
    const logs = new LogLane(writer, this.#gate, this.#events, settings.fsyncWarningMs);
    const shop = this.#snapshotShop(directories, shelves);
    const snapshots = new SnapshotLane(shop, this.#gate, this.#events);
    return { directories, shelves, logs, snapshots };
  }

  #snapshotShop(directories: Directories, shelves: Shelves): SnapshotShop {
    const directory = directories.snapshots;
    // Snappy is read only: gz packs better, and every reader of the one reads the other.
    const form = this.#settings.snapshotCompression === 'none' ? 'plain' : 'gz';
    return {
      directory,
      begin: (zxid) => SnapshotFileWriter.begin(this.#files, directory, zxid, form),
      finish: async (snapshot) => {
        await snapshot.finish(shelves.snapshots);
        await this.#dropMarker(directories);
      },
    };
  }

  #whenOpen(): Opened {
    assert(this.#opened !== null, 'a store has recovered before it is given orders');
    return this.#opened;
  }

  async #close(): Promise<void> {
    await this.#purging;
    await this.#opened?.logs.close();
    await this.#opened?.snapshots.close();
    this.#gate.close(CLOSED);
    for (const lock of this.#locks) await lock.release();
  }

  /** It counts once: from now on an empty directory is a lost one. */
  async #dropMarker({ initializeMarker }: Directories): Promise<void> {
    if (!this.#isMarked) return;
    await this.#files.remove(initializeMarker);
    this.#isMarked = false;
  }

  async #tellOrigin(directories: Directories): Promise<void> {
    const epoch = await readEpoch(this.#files, directories);
    if (epoch === null) return;
    const text = `${directories.snapshots} was a member's of an ensemble (epoch ${epoch}); it serves as a standalone server's now.`;
    this.#events.onNotice('info', text);
  }
}
