/**
 * Finds or makes the two directories a server keeps its files in, and refuses a pair that was mixed
 * up. Apache's sentences stand first, so that what is known about them can be found.
 */
import { dirname, join, resolve } from 'node:path';
import { parseLogName, parseSnapshotName } from './file-names.ts';
import type { Files } from './files.ts';
import { StorageError } from './storage-error.ts';
import { systemErrorName } from './system-error.ts';

const VERSION_DIRECTORY = 'version-2';

export interface DirectorySettings {
  readonly dataDir: string;
  readonly dataLogDir: string;
  /** Whether missing directories are made. */
  readonly dataDirAutocreate: boolean;
}

export interface Directories {
  /** As configured: where the lock lies, once when the two are one. */
  readonly roots: readonly string[];
  readonly snapshots: string;
  readonly logs: string;
  /** The operator's word that an empty database is meant to be empty. */
  readonly initializeMarker: string;
}

export async function openDirectories(
  files: Files,
  settings: DirectorySettings,
): Promise<Directories> {
  const dataDir = resolve(settings.dataDir);
  const dataLogDir = resolve(settings.dataLogDir);
  const snapshots = await versionDirectory(files, dataDir, settings.dataDirAutocreate);
  const logs = await versionDirectory(files, dataLogDir, settings.dataDirAutocreate);
  const isOne = (await files.realPath(snapshots)) === (await files.realPath(logs));
  if (!isOne) await refuseMixed(files, snapshots, logs);
  return {
    roots: isOne ? [dataDir] : [dataDir, dataLogDir],
    snapshots,
    logs: isOne ? snapshots : logs,
    initializeMarker: join(dataLogDir, 'initialize'),
  };
}

async function versionDirectory(files: Files, root: string, autocreate: boolean): Promise<string> {
  const path = join(root, VERSION_DIRECTORY);
  try {
    if ((await files.list(path)) !== null) return path;
    if (autocreate) {
      await makeDirectory(files, path);
      return path;
    }
  } catch (error) {
    throw StorageError.ofSystem(`The data directory ${path} cannot be used`, error);
  }
  throw StorageError.ofDirectory({
    problem: `Missing data directory ${path}, automatic data directory creation is disabled (zookeeper.datadir.autocreate is false).`,
    advice: `Create the directory, or correct ${root} if the data is elsewhere.`,
  });
}

/** Makes a directory with whatever is missing above it, each name safe before the next is used. */
async function makeDirectory(files: Files, path: string): Promise<void> {
  const parent = dirname(path);
  if (parent !== path && (await files.list(parent)) === null) await makeDirectory(files, parent);
  try {
    await files.makeDirectory(path);
  } catch (error) {
    // Another server may be starting beside this one; the lock decides between them.
    if (systemErrorName(error) !== 'EEXIST') throw error;
  }
  await files.syncDirectory(parent);
}

async function refuseMixed(files: Files, snapshots: string, logs: string): Promise<void> {
  const names = async (directory: string): Promise<readonly string[]> =>
    (await files.list(directory)) ?? [];
  const strayLog = (await names(snapshots)).find((name) => parseLogName(name) !== null);
  if (strayLog !== undefined) {
    throw StorageError.ofDirectory({
      problem: `Snapshot directory has log files. Check if dataLogDir and dataDir configuration is correct: ${join(snapshots, strayLog)} is in the directory of the snapshots.`,
      advice: `If dataLogDir is new, move the files log.* to ${logs}; otherwise correct it.`,
    });
  }
  const straySnapshot = (await names(logs)).find((name) => parseSnapshotName(name) !== null);
  if (straySnapshot !== undefined) {
    throw StorageError.ofDirectory({
      problem: `Log directory has snapshot files. Check if dataLogDir and dataDir configuration is correct: ${join(logs, straySnapshot)} is in the directory of the logs.`,
      advice: `If dataDir is new, move the files snapshot.* to ${snapshots}; otherwise correct it.`,
    });
  }
}
