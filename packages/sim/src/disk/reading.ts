/**
 * Reads everything back in the order in which a server does: the newest snapshot that can be trusted
 * and the logs behind it. What cannot be trusted is refused, in a sentence. It comes in pieces, for a
 * server that lives on while its disk is read again.
 */
import type { Recovery } from '@zabra/replica';
import { LOG_HEADER_BYTES } from '@zabra/wire';
import { hasRecordBehind, layoutOf } from './log-file.ts';
import { INITIALIZE_FILE } from './small-files.ts';
import { nameOf, PASSING, type Workbench } from './workbench.ts';

export interface Reading {
  /** Of the snapshot that was loaded; null where there was none. */
  readonly snapshotZxid: bigint | null;
  readonly lastZxid: bigint;
  /** Behind this zxid nothing is missing. */
  readonly logFromZxid: bigint;
  /** It is not what it should be: transactions are missing, or all of it is. */
  readonly isLacking: boolean;
}

interface PassedOver {
  readonly zxid: bigint;
  readonly looksComplete: boolean;
}

const PIECE_BYTES = 4096;
/** The last seal of a snapshot. */
const SEAL = [0, 0, 0, 1, 0x2f];

/** Removes what a server that died left half made. */
export function tidy(bench: Workbench): void {
  const { directory } = bench;
  for (const name of directory.names) if (name.endsWith(PASSING)) directory.remove(name);
  const newest = bench.zxidsOf('log').at(-1);
  if (newest === undefined) return;
  const name = nameOf('log', newest);
  if (directory.read(name).length < LOG_HEADER_BYTES) directory.remove(name);
}

/** Why it is refused, or what was found; yields between any two pieces. */
export function* reading(
  bench: Workbench,
  recovery: Recovery,
  isMember: boolean,
): Generator<void, Reading | string> {
  const passedOver: PassedOver[] = [];
  let snapshotZxid: bigint | null = null;
  for (const zxid of bench.zxidsOf('snapshot').toReversed()) {
    const isLoaded = yield* loaded(bench, recovery, zxid);
    if (isLoaded) {
      snapshotZxid = zxid;
      break;
    }
    const bytes = bench.directory.read(nameOf('snapshot', zxid));
    passedOver.push({ zxid, looksComplete: looksComplete(bytes) });
  }
  let isSound = true;
  if (snapshotZxid === null) {
    const problem = problemWithoutSnapshot(bench, passedOver);
    if (problem !== null) return problem;
    recovery.startEmpty();
    isSound = !isMember || bench.directory.has(INITIALIZE_FILE);
  }
  const sought = passedOver.map(({ zxid }) => zxid);
  const logs = yield* replayed(bench, recovery, sought);
  if (typeof logs === 'string') return logs;
  for (const [i, zxid] of sought.entries()) {
    const reach = logs.reaches[i]!;
    if (reach < zxid) return `snapshot ${zxid} is damaged, the logs end at ${reach}`;
  }
  return {
    snapshotZxid,
    lastZxid: recovery.lastZxid,
    logFromZxid: logs.gapEnd === null ? (snapshotZxid ?? 0n) : logs.gapEnd - 1n,
    isLacking: !isSound || logs.gapEnd !== null,
  };
}

export function looksComplete(snapshot: Uint8Array): boolean {
  return SEAL.every((byte, i) => snapshot[snapshot.length - SEAL.length + i] === byte);
}

function* loaded(bench: Workbench, recovery: Recovery, zxid: bigint): Generator<void, boolean> {
  const bytes = bench.directory.read(nameOf('snapshot', zxid));
  if (!looksComplete(bytes)) return false;
  recovery.startSnapshot(zxid);
  try {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      if (recovery.snapshotRead(bytes.subarray(at, at + PIECE_BYTES)) !== null) return false;
      yield;
    }
    return recovery.snapshotEnd() === null;
  } catch {
    // Damaged bytes may lead to a tree that cannot be.
    return false;
  }
}

function problemWithoutSnapshot(
  bench: Workbench,
  passedOver: readonly PassedOver[],
): string | null {
  if (passedOver.some((one) => one.looksComplete)) return 'no snapshot can be used';
  if (bench.zxidsOf('log').length > 0) return 'there are logs and no snapshot';
  // A first snapshot that was cut short held nothing; a later one did.
  return (passedOver[0]?.zxid ?? 0n) > 0n ? 'no snapshot can be used' : null;
}

interface Replayed {
  /** The zxid behind the last gap; null where nothing is missing. */
  readonly gapEnd: bigint | null;
  /** For each that is sought, the last transaction there is that is not above it. */
  readonly reaches: readonly bigint[];
}

function* replayed(
  bench: Workbench,
  recovery: Recovery,
  sought: readonly bigint[],
): Generator<void, Replayed | string> {
  const logs = bench.zxidsOf('log');
  const from = logs.filter((zxid) => zxid <= recovery.lastZxid).at(-1) ?? 0n;
  let last = recovery.lastZxid;
  const reaches = sought.map(() => last);
  let gapEnd: bigint | null = null;
  for (const log of logs.filter((one) => one >= from)) {
    const name = nameOf('log', log);
    const bytes = bench.directory.read(name);
    recovery.startLog();
    const problem = recovery.logRead(bytes) ?? recovery.logEnd();
    if (problem !== null) return `${name}: ${problem}`;
    const { zxids, end } = layoutOf(bytes);
    for (const zxid of zxids) {
      if (zxid <= last) continue;
      if (!follows(zxid, last)) gapEnd = zxid;
      last = zxid;
      if (gapEnd !== null) continue;
      for (const [i, one] of sought.entries()) if (zxid <= one) reaches[i] = zxid;
    }
    if (hasRecordBehind(bytes, end, last)) return `${name}: a record in the middle is damaged`;
    yield;
  }
  return { gapEnd, reaches };
}

/** The next one of an epoch, or the first of a later one. */
function follows(zxid: bigint, last: bigint): boolean {
  return zxid === last + 1n || (zxid >> 32n > last >> 32n && (zxid & 0xffffffffn) === 1n);
}
