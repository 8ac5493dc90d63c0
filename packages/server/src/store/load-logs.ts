/**
 * Replays the logs on top of what was loaded, in the order of their names: the one that may hold the
 * first transaction behind the snapshot, and all later ones. What cannot be trusted stops the start;
 * a lawful end of a file, half a record included, leads on to the next file.
 */
import { dirname } from 'node:path';
import type { Recovery } from '@zabra/replica';
import { LOG_HEADER_BYTES } from '@zabra/wire';
import { type Files, type OpenFile, withFile } from './files.ts';
import { findDamage, isZero } from './log-tail.ts';
import { LogWalk } from './log-walk.ts';
import { type Pieces, readPieces } from './pieces.ts';
import type { Shelf, StoredFile, StoredLog } from './shelf.ts';
import type { Pace } from './slices.ts';
import { StorageError } from './storage-error.ts';
import { describeSystemError } from './system-error.ts';

/** Transactions missing, inside an epoch or at its beginning: everything between these two. */
export interface Gap {
  readonly after: bigint;
  readonly before: bigint;
}

export interface LoadedLogs {
  readonly gaps: readonly Gap[];
  /** For each that is sought, the last transaction there is that is not above it. */
  readonly reaches: readonly bigint[];
}

export async function loadLogs(
  files: Files,
  shelf: Shelf<StoredLog>,
  recovery: Recovery,
  sought: readonly bigint[],
  pace: Pace,
): Promise<LoadedLogs> {
  const gaps: Gap[] = [];
  let last = recovery.lastZxid;
  const reaches = sought.map(() => last);
  const onZxid = (zxid: bigint): void => {
    if (zxid <= last) return;
    if (!follows(zxid, last)) gaps.push({ after: last, before: zxid });
    last = zxid;
    for (const [i, one] of sought.entries()) if (zxid <= one) reaches[i] = zxid;
  };
  for (const log of shelf.from(recovery.lastZxid)) {
    const damage = await replay(files, log, recovery, onZxid, pace);
    if (damage !== null) throw untrusted(log, damage);
  }
  return { gaps, reaches };
}

/** The next one of an epoch, or the first of a later one: how far the earlier went nobody can tell. */
function follows(zxid: bigint, last: bigint): boolean {
  return zxid === last + 1n || (zxid >> 32n > last >> 32n && (zxid & 0xffffffffn) === 1n);
}

/**
 * Removes a newest log in which nothing was ever written: the server died between making the file
 * and its first write. Its path, or null.
 */
export async function dropUnwrittenLog(
  files: Files,
  shelf: Shelf<StoredLog>,
): Promise<string | null> {
  const { newest } = shelf;
  if (newest === undefined) return null;
  if (newest.bytes >= LOG_HEADER_BYTES && !(await isUnwritten(files, newest))) return null;
  await files.remove(newest.path);
  shelf.remove(newest);
  return newest.path;
}

/** What makes the log untrustworthy, or null. */
async function replay(
  files: Files,
  log: StoredFile,
  recovery: Recovery,
  onZxid: (zxid: bigint) => void,
  pace: Pace,
): Promise<string | null> {
  try {
    return await withFile(files, log.path, async (file) => {
      const walk = new LogWalk(onZxid);
      const problem = await feed(pace(readPieces(file, log.bytes)), recovery, walk);
      return (
        problem ??
        (await findDamage(file, log.bytes, walk.end, recovery.lastZxid, recovery.recordBytesMax)) ??
        (await makeSafe(files, file, log.path))
      );
    });
  } catch (error) {
    return `it cannot be read: ${describeSystemError(error)}`;
  }
}

async function feed(pieces: Pieces, recovery: Recovery, walk: LogWalk): Promise<string | null> {
  recovery.startLog();
  for await (const piece of pieces) {
    const problem = recovery.logRead(piece);
    if (problem !== null) return problem;
    walk.push(piece);
    if (walk.hasEnded) break;
  }
  return recovery.logEnd();
}

/**
 * What was read may be in the system's memory alone: a server that was killed leaves it there, and so
 * does a sync that failed. It is about to be served, so it has to be on the disk first.
 */
async function makeSafe(files: Files, file: OpenFile, path: string): Promise<string | null> {
  try {
    await file.sync();
    await files.syncDirectory(dirname(path));
    return null;
  } catch (error) {
    return `it cannot be synced: ${describeSystemError(error)}`;
  }
}

async function isUnwritten(files: Files, { path, bytes }: StoredFile): Promise<boolean> {
  try {
    return await withFile(files, path, async (file) => {
      for await (const piece of readPieces(file, bytes)) {
        if (!isZero(piece)) return false;
      }
      return true;
    });
  } catch {
    // Whoever replays it will meet the same error and tell of it.
    return false;
  }
}

function untrusted({ path }: StoredFile, damage: string): StorageError {
  return StorageError.ofContent({
    problem: `The transaction log ${path} cannot be trusted: ${damage}.`,
    advice: `Restore the data directory from a backup. If everything from that place on may be lost, keep a copy of the file and cut it there: truncate -s <byte> '${path}'`,
  });
}
