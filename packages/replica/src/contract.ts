/**
 * What leaves the mind for the body to do. Orders are taken after a turn and performed in order;
 * answers to disk orders come back by their ticket.
 *
 * A member of an ensemble asks more of its disk, and speaks to the other servers: `EnsembleDoor` is
 * all that its body has to know beyond what every body knows.
 */
import type { Ensemble, ServerId } from '@zabra/wire';
import type {
  LinkOrder,
  LinkOutput,
  PeerStatus,
  QuorumOrder,
  QuorumOutput,
  Standpoint,
} from '@zabra/zab';
import type { Database } from './recovery.ts';

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

/** The snapshot that was begun is not wanted any more; its slices have been answered. */
export interface SnapshotDropOrder {
  readonly kind: 'snapshotDrop';
}

/** Put this number into the file acceptedEpoch or currentEpoch, safely; then answer. */
export interface StoreEpochOrder {
  readonly kind: 'storeEpoch';
  readonly ticket: number;
  readonly name: 'accepted' | 'current';
  readonly epoch: number;
}

/** Keep this configuration, safely, or forget the one of that name; then answer. */
export interface StoreConfigurationOrder {
  readonly kind: 'storeConfiguration';
  readonly ticket: number;
  readonly name: 'committed' | 'next';
  readonly ensemble: Ensemble | null;
}

/** Remove every record and every snapshot above this zxid, safely; then answer. */
export interface TruncateOrder {
  readonly kind: 'truncate';
  readonly ticket: number;
  readonly zxid: bigint;
}

/**
 * Hand everything stored to a `Recovery`, as at a start, and answer by `EnsembleDoor.rebuilt`. Nothing
 * is appended meanwhile; the server lives on, so this wants slices.
 */
export interface RebuildOrder {
  readonly kind: 'rebuild';
  readonly ticket: number;
}

/**
 * Read the log for a learner: from the newest file that begins at or below the zxid, or from the
 * oldest, on. Nothing is read before it is pulled; answered by `EnsembleDoor.logRead`.
 */
export interface OpenLogOrder {
  readonly kind: 'openLog';
  readonly reader: number;
  readonly from: bigint;
}

/** About so many bytes more, none that are not durable. */
export interface PullLogOrder {
  readonly kind: 'pullLog';
  readonly reader: number;
  readonly byteCount: number;
}

export interface CloseLogOrder {
  readonly kind: 'closeLog';
  readonly reader: number;
}

/**
 * Appends come in order among themselves, and so do a snapshot's orders; the two may overlap. Epochs,
 * configurations, cuts and rebuilding never overlap with an append or with each other: the next is
 * asked for when the one before was answered. Readings of the log may overlap with everything.
 */
export type DiskOrder =
  | AppendOrder
  | RollOrder
  | SnapshotBeginOrder
  | SnapshotSliceOrder
  | SnapshotFinishOrder
  | SnapshotDropOrder
  | StoreEpochOrder
  | StoreConfigurationOrder
  | TruncateOrder
  | RebuildOrder
  | OpenLogOrder
  | PullLogOrder
  | CloseLogOrder;

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

/**
 * How a piece of the log ends: in the middle of a file, with a file, with what is durable so far; or
 * that nothing more can be read, and there is no piece.
 */
export type LogPieceEnd = 'more' | 'fileEnd' | 'end' | 'gone';

/**
 * A member's other face: what its body hands in and takes out for the links to the other servers, on
 * the quorum port and on the election port. Links are numbers of the body's, those of the two ports
 * apart from each other; bytes handed in are borrowed for the call. Everything is taken once a turn,
 * outputs before the orders of the same port, in which they may be told to close.
 */
export interface EnsembleDoor {
  /** Somebody has called the quorum port. */
  quorumOpened(link: number): void;
  quorumReceived(link: number, chunk: Uint8Array): void;
  quorumClosed(link: number): void;
  /** The call of that number was answered; the link was not told of otherwise. */
  dialed(dial: number, link: number): void;
  dialFailed(dial: number): void;
  /** The quorum port cannot be bound. */
  listenFailed(reason: string): void;
  /** This output was sent, or never will be. */
  recycleQuorum(output: QuorumOutput): void;

  /** `dialed` is whom the link was called for; null where another server has called. */
  electionOpened(link: number, dialed: ServerId | null): void;
  electionReceived(link: number, chunk: Uint8Array): void;
  /** What was taken for the link has left. */
  electionFlushed(link: number): void;
  electionClosed(link: number): void;
  electionDialFailed(id: ServerId): void;

  /** The answer to a rebuild order; the body has finished the recovery. */
  rebuilt(ticket: number, database: Database): void;
  /** The next piece for a reader, in answer to a pull; it is not touched any more. */
  logRead(reader: number, piece: Uint8Array, end: LogPieceEnd): void;
  /** Snapshots were cleared away; the oldest that is left holds everything up to this zxid. */
  snapshotsPurged(oldestZxid: bigint): void;

  takeQuorum(): readonly QuorumOutput[];
  takeQuorumOrders(): readonly QuorumOrder[];
  takeElection(): readonly LinkOutput[];
  takeElectionOrders(): readonly LinkOrder[];

  /** What this server is doing; cheap to ask for. */
  readonly standpoint: Standpoint;
  /** For operators. */
  readonly status: PeerStatus;
}

/** What a member starts with besides its database: what the files of its directory say. */
export interface MemberData {
  readonly acceptedEpoch: number;
  readonly currentEpoch: number;
  readonly committed: Ensemble;
  readonly next: Ensemble | null;
  /** Of the oldest snapshot from which the log goes on; null where there is no snapshot. */
  readonly oldestSnapshotZxid: bigint | null;
  /** Behind this zxid no record is missing in the log. */
  readonly logFromZxid: bigint;
  /** The database is empty and should not be: it has no say until another has filled it. */
  readonly isUntrusted: boolean;
}
