/**
 * How far the log goes back without a hole from a snapshot that this server has made itself: that far
 * it can be read back for other servers, though a start replays only what lies behind the snapshot.
 * Records are followed backwards as long as each is the next one of the same epoch.
 */
import { layoutOf } from './log-file.ts';
import { nameOf, type Workbench } from './workbench.ts';

/** The zxid behind which nothing is missing; that of the snapshot where nothing is known. */
export function lookBack(bench: Workbench, snapshotZxid: bigint): bigint {
  let from = snapshotZxid;
  const older = bench.zxidsOf('log').filter((zxid) => zxid <= snapshotZxid);
  for (const log of older.toReversed()) {
    const { zxids } = layoutOf(bench.directory.read(nameOf('log', log)));
    let at = zxids.indexOf(from);
    if (at < 0 || isEpochStart(from)) break;
    while (at > 0 && zxids[at - 1] === zxids[at]! - 1n && !isEpochStart(zxids[at - 1]!)) at -= 1;
    from = zxids[at]! - 1n;
    if (at > 0) break;
  }
  return from;
}

function isEpochStart(zxid: bigint): boolean {
  return (zxid & 0xffffffffn) === 0n;
}
