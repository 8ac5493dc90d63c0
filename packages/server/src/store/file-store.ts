/**
 * The store in files. It opens the directories and keeps them locked, hands what they hold to the
 * recovery, and then performs orders on two lanes: snapshots on one, appends and what else a member
 * wants done on the other. Other servers read the logs beside them.
 *
 * It fails once and for all: after an append has failed, nothing more is written, since nobody knows
 * what the disk holds. A failed snapshot is told the same way; whoever ordered it
 * decides what it means.
 */
import type { DiskOrder, Recovery } from '@zabra/replica';
import { assert } from '@zabra/wire';
import { ConfigurationFiles } from '../config/configuration-files.ts';
import type { ServerSettings } from '../config/settings.ts';
import { type Directories, openDirectories } from './directories.ts';
import { type DirectoryLock, lockDirectory } from './directory-lock.ts';
import { EmptiedMark } from './emptied-mark.ts';
import { EpochFiles } from './epoch-files.ts';
import type { Files } from './files.ts';
import { Gate } from './gate.ts';
import { LogLane } from './log-lane.ts';
import { LogReaders } from './log-readers.ts';
import { LogWriter } from './log-writer.ts';
import { lookBack } from './look-back.ts';
import { MemberFiles } from './member-files.ts';
import { nodeFiles } from './node-files.ts';
import { purge } from './purge.ts';
import { readEpoch, readShelves, type Shelves } from './read-shelves.ts';
import { atOnce, inSlices, type Pace } from './slices.ts';
import { SnapshotFileWriter } from './snapshot-file-writer.ts';
import { SnapshotLane, type SnapshotShop } from './snapshot-lane.ts';
import { type StartedData, startData } from './start-data.ts';
import { StorageError } from './storage-error.ts';
import type { Store, StoredMember, StoreEvents, StoreSizes } from './store.ts';
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
  | 'ensemble'
>;

/** What there is once the directories are open. */
interface Opened {
  readonly directories: Directories;
  readonly shelves: Shelves;
  readonly epochs: EpochFiles;
  readonly mark: EmptiedMark;
  readonly logs: LogLane;
  readonly snapshots: SnapshotLane;
  readonly readers: LogReaders;
}

const CLOSED = 'The store is closed: nothing more is written.';

export class FileStore implements Store {
  readonly #settings: FileStoreSettings;
  readonly #events: StoreEvents;
  readonly #createRecovery: () => Recovery;
  readonly #files: Files;
  readonly #gate = new Gate();
  #locks: readonly DirectoryLock[] = [];
  #opened: Opened | null = null;
  #started: StartedData | null = null;
  /** Whether the operator's marker for a new database waits for its first snapshot. */
  #isMarked = false;
  #purging: Promise<readonly string[]> | null = null;
  /** Whoever removes files waits for whoever has begun to. */
  #removing: Promise<void> = Promise.resolve();
  #closing: Promise<void> | null = null;

  /** `createRecovery` makes one for whoever wants everything read again. */
  constructor(
    settings: FileStoreSettings,
    events: StoreEvents,
    createRecovery: () => Recovery,
    files: Files = nodeFiles,
  ) {
    this.#settings = settings;
    this.#events = events;
    this.#createRecovery = createRecovery;
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

  async readMember(): Promise<StoredMember> {
    const { mark, epochs, shelves } = this.#whenOpen();
    const { snapshotZxid, lastZxid, logFromZxid, isLacking } = this.#started!;
    const isWhole = snapshotZxid !== null && logFromZxid === snapshotZxid;
    if (lastZxid > 0n) await mark.clear();
    else if (isLacking) await mark.set();
    const { accepted, current } = await epochs.complete(lastZxid);
    return {
      acceptedEpoch: accepted,
      currentEpoch: current,
      oldestSnapshotZxid: snapshotZxid,
      logFromZxid: isWhole ? await lookBack(this.#files, shelves.logs, snapshotZxid) : logFromZxid,
      isUntrusted: isLacking || mark.isSet,
    };
  }

  perform(order: DiskOrder): void {
    const { logs, snapshots, readers } = this.#whenOpen();
    switch (order.kind) {
      case 'snapshotBegin':
      case 'snapshotSlice':
      case 'snapshotFinish':
      case 'snapshotDrop':
        snapshots.push(order);
        break;
      case 'openLog':
      case 'pullLog':
      case 'closeLog':
        readers.perform(order);
        break;
      default:
        logs.push(order);
    }
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
    const oldest = shelves.snapshots.files[0];
    if (this.#gate.reason !== null) return removed;
    try {
      const { snapshotsRetained } = this.#settings;
      await this.#alone(() => purge(this.#files, shelves, snapshotsRetained, removed));
    } catch (error) {
      const text = `Old snapshots and logs stay where they are: ${describeSystemError(error)}.`;
      this.#events.onNotice('warn', text);
    }
    const left = shelves.snapshots.files[0];
    if (left !== undefined && left !== oldest) this.#events.onPurged(left.zxid);
    return removed;
  }

  #alone(change: () => Promise<void>): Promise<void> {
    const changed = this.#removing.then(change);
    this.#removing = changed.catch(() => {});
    return changed;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #start(recovery: Recovery): Promise<Opened> {
    const opened = await this.#open();
    const { directories, shelves } = opened;
    this.#isMarked = (await this.#files.readText(directories.initializeMarker)) !== null;
    if (this.#isMarked) await opened.mark.clear();
    this.#started = await this.#read(opened, recovery, atOnce);
    if (shelves.snapshots.files.length > 0) await this.#dropMarker(directories);
    if (this.#settings.ensemble === undefined) await this.#tellOrigin(directories);
    return opened;
  }

  #read({ directories, shelves }: Opened, recovery: Recovery, pace: Pace): Promise<StartedData> {
    const { trustEmptySnapshot, databaseAutocreate, ensemble } = this.#settings;
    const warn = (text: string): void => this.#events.onNotice('warn', text);
    return startData(
      { files: this.#files, pace, warn },
      { ...shelves, directory: directories.snapshots },
      {
        trustEmptySnapshot,
        trustEmptyDirectory: databaseAutocreate || this.#isMarked,
        isMember: ensemble !== undefined,
      },
      recovery,
    );
  }

  async #readAgain(): Promise<Recovery> {
    const recovery = this.#createRecovery();
    await this.#alone(async () => {
      await this.#read(this.#whenOpen(), recovery, inSlices);
    });
    return recovery;
  }

  async #open(): Promise<Opened> {
    const files = this.#files;
    const settings = this.#settings;
    const directories = await openDirectories(files, settings);
    for (const root of directories.roots) {
      this.#locks = [...this.#locks, await lockDirectory(files, root)];
    }
    const shelves = await readShelves(files, directories);
    const epochs = new EpochFiles(files, directories.snapshots);
    const mark = await EmptiedMark.find(files, directories.snapshots);
    const shop = this.#snapshotShop(directories, shelves, mark);
    const snapshots = new SnapshotLane(shop, this.#gate, this.#events);
    const member = new MemberFiles(
      {
        files,
        directories,
        shelves,
        epochs,
        mark,
        configurations: this.#configurations(),
        alone: async (change) => {
          await snapshots.idle();
          await this.#alone(change);
        },
        readAgain: () => this.#readAgain(),
      },
      this.#events,
    );
    const writer = new LogWriter(files, directories.logs, shelves.logs, settings);
    const logs = new LogLane(writer, member, this.#gate, this.#events, settings.fsyncWarningMs);
    const readers = new LogReaders(files, shelves.logs, this.#events);
    return { directories, shelves, epochs, mark, logs, snapshots, readers };
  }

  #configurations(): ConfigurationFiles | null {
    const { ensemble } = this.#settings;
    if (ensemble === undefined || ensemble.file === null) return null;
    return new ConfigurationFiles(this.#files, { file: ensemble.file, id: ensemble.id });
  }

  #snapshotShop(directories: Directories, shelves: Shelves, mark: EmptiedMark): SnapshotShop {
    const directory = directories.snapshots;
    // Snappy is read only: gz packs better, and every reader of the one reads the other.
    const form = this.#settings.snapshotCompression === 'none' ? 'plain' : 'gz';
    return {
      directory,
      begin: (zxid) => SnapshotFileWriter.begin(this.#files, directory, zxid, form),
      finish: async (snapshot) => {
        await snapshot.finish(shelves.snapshots);
        await this.#dropMarker(directories);
        // The first one of an empty database holds nothing that could be trusted.
        if (snapshot.zxid > 0n) await mark.clear();
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
    await this.#opened?.readers.close();
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
