/** What all parts of a disk share: the files, the steps that are still to be done, and who is told. */
import type { LogPieceEnd, Recovery } from '@zabra/replica';
import { SimDirectory } from '../sim-directory.ts';
import type { DiskStep, Lane, PlannedStep } from './steps.ts';

export interface DiskOptions {
  /** False breaks it on purpose: appends are answered without having been synced. */
  readonly syncs: boolean;
  /** False breaks it on purpose: the directory is never synced. */
  readonly syncsNames: boolean;
  /** False breaks it on purpose: a snapshot gets its name before its bytes are safe. */
  readonly syncsSnapshots: boolean;
  /** False breaks it on purpose: what is read at a start counts, though it may not be safe. */
  readonly syncsRecovered: boolean;
  /** Snapshots that stay when a newer one is complete; what only older ones need goes with them. */
  readonly snapshotsKept: number;
  /** The last epoch of the ensemble before this world begins; 0 for a new one. */
  readonly firstEpoch: number;
}

const SOUND: DiskOptions = {
  syncs: true,
  syncsNames: true,
  syncsSnapshots: true,
  syncsRecovered: true,
  snapshotsKept: Number.POSITIVE_INFINITY,
  firstEpoch: 0,
};

/** What a disk has to tell the mind. */
export type DiskAnswer =
  | { readonly kind: 'done'; readonly ticket: number }
  | { readonly kind: 'rebuilt'; readonly ticket: number; readonly recovery: Recovery }
  | {
      readonly kind: 'read';
      readonly reader: number;
      readonly piece: Uint8Array;
      readonly end: LogPieceEnd;
    }
  | { readonly kind: 'purged'; readonly oldestZxid: bigint };

export class Workbench {
  readonly options: DiskOptions;
  directory: SimDirectory = new SimDirectory();
  readonly lanes: Record<Lane, PlannedStep[]> = { log: [], snapshot: [], read: [] };
  answer: (answer: DiskAnswer) => void = () => {};
  /** Makes a recovery for whoever wants everything read again. */
  createRecovery: () => Recovery = () => {
    throw new Error('nobody has said what is to be rebuilt');
  };
  /** Why an order could not be done, though no step of the system has failed. */
  problem: string | null = null;

  constructor(options: Partial<DiskOptions>) {
    this.options = { ...SOUND, ...options };
  }

  push(lane: Lane, name: DiskStep, run: () => void): void {
    this.lanes[lane].push({ name, run });
  }

  /** Before whatever waits in the lane. */
  insert(lane: Lane, steps: readonly PlannedStep[]): void {
    this.lanes[lane].unshift(...steps);
  }

  done(lane: Lane, name: DiskStep, ticket: number): void {
    this.push(lane, name, () => this.answer({ kind: 'done', ticket }));
  }

  syncNames(): void {
    if (this.options.syncsNames) this.directory.syncNames();
  }

  /** The zxids in the names of all files of a kind, ascending. */
  zxidsOf(kind: 'log' | 'snapshot'): bigint[] {
    const prefix = `${kind}.`;
    const zxids: bigint[] = [];
    for (const name of this.directory.names) {
      if (!name.startsWith(prefix) || name.endsWith(PASSING)) continue;
      zxids.push(BigInt(`0x${name.slice(prefix.length)}`));
    }
    return zxids.sort((a, b) => (a < b ? -1 : 1));
  }
}

/** A file with this at the end of its name is not what it will be. */
export const PASSING = '.tmp';

export function nameOf(kind: 'log' | 'snapshot', zxid: bigint): string {
  return `${kind}.${zxid.toString(16)}`;
}
