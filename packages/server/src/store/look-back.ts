/**
 * How far the log goes back without a hole from a snapshot that this server has made itself: that far
 * it can be read back for other servers, though a start replays only what lies behind the snapshot.
 *
 * Records are followed backwards as long as each is the next one of the same epoch, down to the
 * epoch's beginning: of those no two histories can tell different things. From one epoch to the next
 * nothing shows that no record is missing in between, since a server that was sent a snapshot keeps
 * older logs; and where the snapshot's own last record is not in the log, it was sent.
 */
import { type Files, withFile } from './files.ts';
import { LogWalk } from './log-walk.ts';
import { readPieces } from './pieces.ts';
import type { Shelf, StoredLog } from './shelf.ts';

/** So much is looked through; who lags by more is sent a snapshot. */
const LOOK_BACK_BYTES = 32 * 1024 * 1024;

/** The zxid behind which nothing is missing; that of the snapshot where nothing is known. */
export async function lookBack(
  files: Files,
  logs: Shelf<StoredLog>,
  snapshotZxid: bigint,
): Promise<bigint> {
  let from = snapshotZxid;
  let left = LOOK_BACK_BYTES;
  const older = logs.files.filter(({ zxid }) => zxid <= snapshotZxid).toReversed();
  for (const log of older) {
    left -= log.bytes;
    if (left < 0 || isEpochStart(from)) break;
    const first = await firstOfRun(files, log, from);
    if (first === null) break;
    from = first - 1n;
    if (first !== log.zxid) break;
  }
  return from;
}

/** Where the records begin that follow each other up to `last` in this log; null if it is not there. */
function firstOfRun(files: Files, log: StoredLog, last: bigint): Promise<bigint | null> {
  return withFile(files, log.path, async (file) => {
    let first = -1n;
    let before = -1n;
    let isThere = false;
    const walk = new LogWalk((zxid) => {
      if (isThere) return;
      if (zxid !== before + 1n || isEpochStart(before)) first = zxid;
      before = zxid;
      isThere = zxid === last;
    });
    for await (const piece of readPieces(file, log.bytes)) {
      walk.push(piece);
      if (isThere || walk.hasEnded) break;
    }
    return isThere ? first : null;
  });
}

function isEpochStart(zxid: bigint): boolean {
  return (zxid & 0xffffffffn) === 0n;
}
