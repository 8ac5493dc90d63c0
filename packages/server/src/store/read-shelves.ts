/**
 * Takes stock of the directories, and removes what a server that died in the middle of a snapshot
 * left behind.
 */
import { join } from 'node:path';
import type { Directories } from './directories.ts';
import { isTemporaryName, parseLogName, parseSnapshotName } from './file-names.ts';
import type { Files } from './files.ts';
import { Shelf, type StoredLog } from './shelf.ts';
import type { StoredSnapshot } from './snapshot-file.ts';

export interface Shelves {
  readonly logs: Shelf<StoredLog>;
  readonly snapshots: Shelf<StoredSnapshot>;
}

export async function readShelves(files: Files, directories: Directories): Promise<Shelves> {
  const logs = new Shelf<StoredLog>();
  const snapshots = new Shelf<StoredSnapshot>();
  for (const name of (await files.list(directories.logs)) ?? []) {
    const zxid = parseLogName(name);
    if (zxid === null) continue;
    const path = join(directories.logs, name);
    logs.put({ path, zxid, bytes: await files.size(path), end: null });
  }
  for (const name of (await files.list(directories.snapshots)) ?? []) {
    const path = join(directories.snapshots, name);
    if (isTemporaryName(name)) await files.remove(path);
    const parsed = parseSnapshotName(name);
    if (parsed !== null) snapshots.put({ ...parsed, path, bytes: await files.size(path) });
  }
  return { logs, snapshots };
}

/** The epoch a member of an ensemble left here; null in a standalone server's directory. */
export async function readEpoch(files: Files, { snapshots }: Directories): Promise<string | null> {
  const text = await files.readText(join(snapshots, 'currentEpoch'));
  return text?.split('\n', 1)[0]?.trim() ?? null;
}
