/**
 * Removes every transaction above a zxid, each step safe before the next is begun: snapshots above
 * it, logs that begin above it, the newest first, then the end of the log it is in. Where no older
 * snapshot is there nothing can stay: the logs go first then, and a mark is left.
 */
import { layoutOf } from './log-file.ts';
import { looksComplete } from './reading.ts';
import { MARK_FILE, replacing } from './small-files.ts';
import type { DiskStep, PlannedStep } from './steps.ts';
import { nameOf, type Workbench } from './workbench.ts';

/** What is to be done, as the files are now. */
export function cutting(bench: Workbench, zxid: bigint): readonly PlannedStep[] {
  const snapshots = bench.zxidsOf('snapshot');
  const logs = bench.zxidsOf('log');
  const above = snapshots.filter((one) => one > zxid);
  const reachesDown = snapshots.some(
    (one) => one <= zxid && looksComplete(bench.directory.read(nameOf('snapshot', one))),
  );
  if (above.length > 0 && !reachesDown) {
    const mark = bench.directory.has(MARK_FILE)
      ? []
      : replacing(bench, 'mark', MARK_FILE, 'emptied\n');
    return [
      ...mark,
      ...removing(bench, 'log', logs.toReversed()),
      ...removing(bench, 'snapshot', snapshots),
    ];
  }
  return [
    ...removing(bench, 'snapshot', above.toReversed()),
    ...removing(bench, 'log', logs.filter((one) => one > zxid).toReversed()),
    ...shortening(bench, logs.filter((one) => one <= zxid).at(-1), zxid),
  ];
}

/** Were only some of them gone after a power cut, those in between might be missed. */
function removing(
  bench: Workbench,
  kind: 'log' | 'snapshot',
  zxids: readonly bigint[],
): readonly PlannedStep[] {
  const name: DiskStep = kind === 'log' ? 'cut.removeLog' : 'cut.removeSnapshot';
  return zxids.flatMap((zxid) => [
    { name, run: () => bench.directory.remove(nameOf(kind, zxid)) },
    { name: 'cut.syncDirectory' as const, run: () => bench.syncNames() },
  ]);
}

function shortening(
  bench: Workbench,
  log: bigint | undefined,
  zxid: bigint,
): readonly PlannedStep[] {
  if (log === undefined) return [];
  const file = bench.directory.open(nameOf('log', log))!;
  const { starts, zxids } = layoutOf(bench.directory.read(nameOf('log', log)));
  const first = zxids.findIndex((one) => one > zxid);
  if (first < 0) return [];
  return [
    { name: 'cut.truncate', run: () => bench.directory.truncate(file, starts[first]!) },
    { name: 'cut.sync', run: () => bench.directory.syncFile(file) },
  ];
}
