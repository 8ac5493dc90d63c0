/**
 * Brings back what the directory holds, or refuses it: the newest snapshot that can be trusted and
 * the logs behind it. The rules for a directory without any snapshot are Apache's; one rule is
 * stricter: where damaged snapshots were passed over, the logs must lead to the very transactions that
 * they were of. One that a member was sent may stand for a history that its own logs never held.
 */
import type { Recovery } from '@zabra/replica';
import type { Files } from './files.ts';
import { dropUnwrittenLog, type Gap, type LoadedLogs, loadLogs } from './load-logs.ts';
import { type LoadedSnapshot, loadSnapshot, type PassedOver } from './load-snapshot.ts';
import type { Shelves } from './read-shelves.ts';
import type { Pace } from './slices.ts';
import { StorageError } from './storage-error.ts';

export interface StartSettings {
  /** Whether logs without any snapshot are believed. */
  readonly trustEmptySnapshot: boolean;
  /** Whether an empty directory is a new server's and not a lost one's. */
  readonly trustEmptyDirectory: boolean;
  /** Whether somebody else could fill a database that is not to be trusted. */
  readonly isMember: boolean;
}

export interface StoredData extends Shelves {
  readonly directory: string;
}

export interface StartedData {
  /** Of the snapshot that was loaded; null where there was none. */
  readonly snapshotZxid: bigint | null;
  readonly lastZxid: bigint;
  /** Behind this zxid nothing is missing. */
  readonly logFromZxid: bigint;
  /** It is not what it should be: transactions are missing, or all of it is. */
  readonly isLacking: boolean;
}

/** Where the files are read from, how fast, and who is told what is odd about them. */
export interface StartCircumstances {
  readonly files: Files;
  readonly pace: Pace;
  readonly warn: (text: string) => void;
}

const BACKUP = 'Restore the data directory from a backup';
const GAPS_TOLD_MAX = 3;

export async function startData(
  { files, pace, warn }: StartCircumstances,
  data: StoredData,
  settings: StartSettings,
  recovery: Recovery,
): Promise<StartedData> {
  const dropped = await dropUnwrittenLog(files, data.logs);
  if (dropped !== null) warn(`The log ${dropped} was empty and has been removed.`);
  const loaded = await loadSnapshot(files, data.snapshots, recovery, pace);
  for (const { snapshot, reason } of loaded.passedOver) {
    warn(`The snapshot ${snapshot.path} cannot be used: ${reason}.`);
  }
  const snapshotZxid = loaded.snapshot?.zxid ?? null;
  const isSound = snapshotZxid !== null || startWithoutSnapshot(data, settings, loaded, recovery);
  const sought = loaded.passedOver.map(({ snapshot }) => snapshot.zxid);
  const logs = await loadLogs(files, data.logs, recovery, sought, pace);
  checkReach(loaded, logs);
  const { gaps } = logs;
  if (gaps.length > 0) warn(gapText(data, gaps));
  const lastGap = gaps.at(-1);
  return {
    snapshotZxid,
    lastZxid: recovery.lastZxid,
    logFromZxid: lastGap === undefined ? (snapshotZxid ?? 0n) : lastGap.before - 1n,
    isLacking: !isSound || lastGap !== undefined,
  };
}

/** False for an empty database that another member has to fill. */
function startWithoutSnapshot(
  data: StoredData,
  settings: StartSettings,
  { passedOver }: LoadedSnapshot,
  recovery: Recovery,
): boolean {
  const [newest] = passedOver;
  if (passedOver.some((one) => one.looksComplete)) throw unreadable(data, passedOver);
  if (data.logs.files.length > 0) {
    if (!settings.trustEmptySnapshot) throw logsAlone(data, newest);
  } else if (newest !== undefined && newest.snapshot.zxid > 0n) {
    // A first snapshot that was cut short held nothing; a later one did.
    throw unreadable(data, passedOver);
  } else if (!settings.trustEmptyDirectory && !settings.isMember) {
    throw StorageError.ofContent({
      problem: `There is no database in ${data.directory}, and a new one is only made on demand (zookeeper.db.autocreate is false).`,
      advice:
        'Check that the disk is mounted. For a new server, make an empty file named initialize beside version-2, and start again.',
    });
  }
  recovery.startEmpty();
  return settings.trustEmptyDirectory || data.logs.files.length > 0;
}

/** A snapshot that was passed over is proof of transactions that the logs must still hold. */
function checkReach({ passedOver }: LoadedSnapshot, { gaps, reaches }: LoadedLogs): void {
  for (const [i, { snapshot, reason }] of passedOver.entries()) {
    const { path, zxid } = snapshot;
    const gap = gaps.find(({ after }) => after < zxid);
    const missingAfter = gap?.after ?? reaches[i]!;
    if (missingAfter >= zxid) continue;
    throw StorageError.ofContent({
      problem: `The snapshot ${path} cannot be used: ${reason}. The logs do not make up for it: transactions after ${hex(missingAfter)} are missing.`,
      advice: `${BACKUP}. If they may be lost, move ${path} away and start again.`,
    });
  }
}

function unreadable({ directory }: StoredData, passedOver: readonly PassedOver[]): StorageError {
  const [newest] = passedOver;
  return StorageError.ofContent({
    problem: `None of the snapshots in ${directory} can be used (${passedOver.length} tried); the newest is ${newest?.snapshot.path}: ${newest?.reason}.`,
    advice: `${BACKUP}. Moving the snapshots away makes the server start without what they held.`,
  });
}

function logsAlone({ logs }: StoredData, newest: PassedOver | undefined): StorageError {
  const unusable = newest === undefined ? '' : ` (${newest.snapshot.path}: ${newest.reason})`;
  return StorageError.ofContent({
    problem: `No snapshot found, but there are log entries. Something is broken! The oldest log is ${logs.files[0]?.path}; there is no usable snapshot beside it${unusable}.`,
    advice: `${BACKUP}. If the logs go back to the very first transaction, as after an upgrade from 3.4, start once with snapshot.trust.empty=true.`,
  });
}

function gapText({ directory }: StoredData, gaps: readonly Gap[]): string {
  const told = gaps
    .slice(0, GAPS_TOLD_MAX)
    .map(({ after, before }) => `between ${hex(after)} and ${hex(before)}`)
    .join(', ');
  const more =
    gaps.length > GAPS_TOLD_MAX ? ` and in ${gaps.length - GAPS_TOLD_MAX} more places` : '';
  return `Transactions are missing in ${directory} ${told}${more}. A server that once followed a leader may lack some; on any other, a log was lost.`;
}

function hex(zxid: bigint): string {
  return `0x${zxid.toString(16)}`;
}
