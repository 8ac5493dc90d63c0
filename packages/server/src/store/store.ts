/**
 * Where a server's transactions and snapshots go: what the mind asks of a disk, whatever the disk
 * is. Two stores keep this contract, one in files and one in memory.
 */
import type { DiskOrder, LogPieceEnd, MemberData, Recovery } from '@zabra/replica';

/** What a member's store knows of it; who the members are stands elsewhere. */
export type StoredMember = Omit<MemberData, 'committed' | 'next'>;

export interface Store {
  /** Hands everything stored to the recovery, once, before the first order. */
  recover(recovery: Recovery): Promise<void>;
  /** For a member, once, behind that. */
  readMember(): Promise<StoredMember>;
  /** Takes an order and returns at once; the answer comes by its ticket, through the events. */
  perform(order: DiskOrder): void;
  sizes(): StoreSizes;
  /** Removes what no kept snapshot needs; the paths of the files that are gone. */
  purge(): Promise<readonly string[]>;
  /** Finishes the orders taken so far, then lets go of everything. */
  close(): Promise<void>;
}

/** Lengths of all files of a kind, space set aside in advance included. */
export interface StoreSizes {
  readonly snapshotBytes: number;
  readonly logBytes: number;
}

/** Answers come in the order of the orders they answer, appends and snapshots each among themselves. */
export interface StoreEvents {
  onDone(ticket: number): void;
  /** Nothing is retried: after a failed append every further order fails with the same sentence. */
  onFailed(ticket: number, sentence: string): void;
  /** The answer to a rebuild order: everything stored is in this recovery. */
  onRebuilt(ticket: number, recovery: Recovery): void;
  /** The answer to a pull. */
  onLogRead(reader: number, piece: Uint8Array, end: LogPieceEnd): void;
  /** Snapshots were cleared away, and this is the oldest that is left. */
  onPurged(oldestZxid: bigint): void;
  /** An append took at least as long as `fsyncWarningMs`. */
  onSlowSync(milliseconds: number): void;
  /** Something an operator should read in the log. */
  onNotice(level: 'info' | 'warn', text: string): void;
}
