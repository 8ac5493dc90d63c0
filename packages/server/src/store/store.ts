/** Where a server keeps what must outlive it. */
import type { DiskOrder, Recovery } from '@zabra/replica';

export interface StoreSizes {
  readonly snapshotBytes: number;
  readonly logBytes: number;
}

/** Answers, in the order of the orders they belong to. */
export interface StoreEvents {
  onDone(ticket: number): void;
  /** What could not be done, in a sentence; nothing is done after it. */
  onFailed(ticket: number, what: string): void;
  onNotice(
    level: 'info' | 'warn',
    text: string,
    facts: Readonly<Record<string, string | number>>,
  ): void;
}

export interface Store {
  /** Hands everything that is stored to the recovery; rejects with a sentence where it refuses. */
  recover(recovery: Recovery): Promise<void>;
  /** Begins what the order asks for and returns at once. */
  perform(order: DiskOrder): void;
  sizes(): StoreSizes;
  /** Removes snapshots and logs that nobody needs any more. */
  purge(): void;
  close(): Promise<void>;
}
