/**
 * Removes old snapshots and the logs that only they needed. The newest complete snapshots are kept,
 * and every log that holds anything above the oldest of them: a log goes on a little after a
 * snapshot has begun, so the one that begins before it is kept, too.
 */
import type { Files } from './files.ts';
import type { Shelves } from './read-shelves.ts';
import type { Shelf, StoredFile } from './shelf.ts';
import { looksComplete } from './snapshot-file.ts';

/** Adds the paths that are gone to `removed`; nothing goes while no snapshot is complete. */
export async function purge(
  files: Files,
  { snapshots, logs }: Shelves,
  snapshotsRetained: number,
  removed: string[],
): Promise<void> {
  let kept = 0;
  let oldestKept: bigint | null = null;
  for (const snapshot of snapshots.files.toReversed()) {
    if (kept === snapshotsRetained) break;
    if (!(await looksComplete(files, snapshot))) continue;
    kept += 1;
    oldestKept = snapshot.zxid;
  }
  if (oldestKept === null) return;
  const zxid = oldestKept;
  const needed = new Set(logs.from(zxid));
  // Snapshots go first: none is ever left without its logs.
  await removeAll(files, snapshots, (snapshot) => snapshot.zxid < zxid, removed);
  await removeAll(files, logs, (log) => log.zxid < zxid && !needed.has(log), removed);
}

async function removeAll<File extends StoredFile>(
  files: Files,
  shelf: Shelf<File>,
  isOld: (file: File) => boolean,
  removed: string[],
): Promise<void> {
  for (const file of shelf.files.filter(isOld)) {
    await files.remove(file.path);
    shelf.remove(file);
    removed.push(file.path);
  }
}
