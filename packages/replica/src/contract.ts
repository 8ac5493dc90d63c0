/**
 * What leaves the mind for the body to do. Orders are taken after a turn and performed in order;
 * answers to disk orders come back by their ticket.
 */

/** Log records, framed and checksummed, ready to be appended and synced. One is in flight at a time. */
export interface AppendOrder {
  readonly kind: 'append';
  readonly ticket: number;
  /** Unchanged until the answer. */
  readonly bytes: Uint8Array;
  /** The zxid of the first record; it names the file when a new one is begun. */
  readonly firstZxid: bigint;
  readonly lastZxid: bigint;
}

/** The next append begins a new log file. */
export interface RollOrder {
  readonly kind: 'roll';
}

/** A snapshot of the tree as of this zxid is about to come in slices. */
export interface SnapshotBeginOrder {
  readonly kind: 'snapshotBegin';
  readonly zxid: bigint;
}

/** The next bytes of the snapshot; answered when they were written, synced or not. */
export interface SnapshotSliceOrder {
  readonly kind: 'snapshotSlice';
  readonly ticket: number;
  readonly bytes: Uint8Array;
}

/** Nothing follows: sync, give the file its name, sync the directory; then answer. */
export interface SnapshotFinishOrder {
  readonly kind: 'snapshotFinish';
  readonly ticket: number;
}

/** Appends come in order among themselves, and so do a snapshot's orders; the two may overlap. */
export type DiskOrder =
  | AppendOrder
  | RollOrder
  | SnapshotBeginOrder
  | SnapshotSliceOrder
  | SnapshotFinishOrder;

/** Close the connection: behind what is unsent, or at once. */
export interface CloseOrder {
  readonly kind: 'close' | 'cut';
  readonly connection: number;
  /** For the log, where it is worth a line. */
  readonly reason: string | null;
  /** The client has asked for it and sends nothing more. */
  readonly isWanted: boolean;
}

/** Stop reading from a connection, or go on. */
export interface PauseOrder {
  readonly kind: 'pause' | 'resume';
  readonly connection: number;
}

/** A four-letter word whose answer needs facts of the host; answered by `answerWord`. */
export interface WordOrder {
  readonly kind: 'word';
  readonly connection: number;
  readonly word: string;
}

/** Something an operator should read in the log. */
export interface NoticeOrder {
  readonly kind: 'notice';
  readonly level: 'info' | 'warn' | 'error';
  readonly text: string;
  readonly facts: Readonly<Record<string, string | number>>;
}

/** This server object has ended and never serves again. */
export interface StopOrder {
  readonly kind: 'stop';
  readonly reason: string;
}

export type Order = CloseOrder | PauseOrder | WordOrder | NoticeOrder | StopOrder;

/** A connection's output in its final order; it belongs to the body until it is recycled. */
export interface ClientOutput {
  readonly connection: number;
  readonly bytes: Uint8Array;
  readonly byteCount: number;
}
