/**
 * Removes every transaction above a zxid from the disk, for a member whose leader has another history
 * from there on. The power may fail at any moment: whatever is left then is a first part of what
 * there was, and not shorter than what is to stay. So each step is safe before the next is begun:
 *
 *     snapshots above it ─▶ logs that begin above it, the newest first ─▶ the end of the log it is in
 *
 * Snapshots go first, since the logs still reach from an older one to where they did. Where there is
 * no older one, nothing at all can stay. Then the logs go first, the newest snapshot goes last, and a
 * mark is left that the database is empty and should not be.
 */
import { dirname } from 'node:path';
import type { EmptiedMark } from './emptied-mark.ts';
import { type Files, withFile } from './files.ts';
import { LogWalk } from './log-walk.ts';
import { readPieces } from './pieces.ts';
import type { Shelves } from './read-shelves.ts';
import type { Shelf, StoredFile, StoredLog } from './shelf.ts';
import { looksComplete, type StoredSnapshot } from './snapshot-file.ts';

export async function cutAbove(
  files: Files,
  { logs, snapshots }: Shelves,
  mark: EmptiedMark,
  zxid: bigint,
): Promise<void> {
  const isAbove = (file: StoredFile): boolean => file.zxid > zxid;
  const above = snapshots.files.filter(isAbove);
  if (above.length > 0 && !(await reachesDownTo(files, snapshots, zxid))) {
    await mark.set();
    await removeOneByOne(files, logs, logs.files.toReversed());
    await removeOneByOne(files, snapshots, snapshots.files);
    return;
  }
  await removeOneByOne(files, snapshots, above.toReversed());
  await removeOneByOne(files, logs, logs.files.filter(isAbove).toReversed());
  const last = logs.newest;
  if (last !== undefined) await cutLog(files, last, zxid);
}

async function reachesDownTo(
  files: Files,
  snapshots: Shelf<StoredSnapshot>,
  zxid: bigint,
): Promise<boolean> {
  for (const snapshot of snapshots.files) {
    if (snapshot.zxid <= zxid && (await looksComplete(files, snapshot))) return true;
  }
  return false;
}

/** Were only some of them gone after a power cut, those in between might be missed. */
async function removeOneByOne<File extends StoredFile>(
  files: Files,
  shelf: Shelf<File>,
  those: readonly File[],
): Promise<void> {
  for (const file of those) {
    await files.remove(file.path);
    await files.syncDirectory(dirname(file.path));
    shelf.remove(file);
  }
}

async function cutLog(files: Files, log: StoredLog, zxid: bigint): Promise<void> {
  const end = await firstAbove(files, log, zxid);
  if (end === null) return;
  const file = await files.open(log.path, 'extend');
  try {
    await file.truncate(end);
    await file.sync();
  } finally {
    await file.close();
  }
  log.bytes = end;
  if (log.end !== null) log.end = end;
}

/** Where the first record above the zxid begins; null where there is none. */
function firstAbove(files: Files, log: StoredLog, zxid: bigint): Promise<number | null> {
  return withFile(files, log.path, async (file) => {
    let place: number | null = null;
    const walk = new LogWalk((found) => {
      if (found > zxid) place ??= walk.end;
    });
    for await (const piece of readPieces(file, log.bytes)) {
      walk.push(piece);
      if (place !== null || walk.hasEnded) break;
    }
    return place;
  });
}
