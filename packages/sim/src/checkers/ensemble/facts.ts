/**
 * What can be seen of the servers of an ensemble from outside, as plain data, one after the other:
 * what they say to each other, what their disks have been told and what would survive a power cut,
 * what they take themselves for, and what they have applied. Whoever judges sees nothing else.
 *
 * Servers are named by their ids. A connection is one between a learner and a leader, and its number
 * is never used twice. Bytes are lent for as long as a fact is looked at.
 */

import type { Ensemble } from '@zabra/wire';

/** In place of a packet's type: some of the snapshot behind a SNAP. */
export const PIECE = -1;

/** What of a packet matters to those who judge; a zxid of -1 is none. */
export interface Packet {
  readonly type: number;
  readonly zxid: bigint;
  /** The record of a PROPOSAL or an INFORM. */
  readonly record: Uint8Array | null;
  /** What an ACKEPOCH says of the sender's current epoch; null in all else. */
  readonly currentEpoch: number | null;
}

/** What would be there after a power cut at this moment. */
export interface Survivor {
  readonly acceptedEpoch: number;
  readonly currentEpoch: number;
  /** The last record, or the snapshot's zxid where no record is above it. */
  readonly end: bigint;
  /** Why what is there is no history, in words. */
  readonly problem: string | null;
}

/** What a server takes itself for. */
export interface Stand {
  readonly role: 'looking' | 'leading' | 'following' | 'observing';
  /** 0 while it is not known. */
  readonly epoch: number;
  /** Whom it learns from; -1 while it does not. */
  readonly leader: number;
  readonly isServing: boolean;
}

export interface Vote {
  readonly isLooking: boolean;
  readonly leader: number;
  readonly zxid: bigint;
  readonly round: bigint;
  readonly peerEpoch: bigint;
}

/** A server begins, with what its disk holds. */
interface Started {
  readonly kind: 'started';
  readonly server: number;
  readonly disk: Survivor;
}

/** A server is no more; its disk has what it has. */
interface Died {
  readonly kind: 'died';
  readonly server: number;
}

/** What a server had promised is gone, or was replaced by an older copy. */
interface Forgot {
  readonly kind: 'forgot';
  readonly server: number;
}

/** A server has been told that its disk failed. */
interface DiskFailed {
  readonly kind: 'diskFailed';
  readonly server: number;
}

interface Connected {
  readonly kind: 'connected';
  readonly connection: number;
  readonly learner: number;
  readonly leader: number;
}

/** A packet leaves a server, or reaches one. */
interface Spoken<Kind> {
  readonly kind: Kind;
  readonly connection: number;
  readonly isLeaders: boolean;
  readonly packet: Packet;
}
/** A connection is gone at one of its ends. */
interface Closed {
  readonly kind: 'closed';
  readonly connection: number;
  readonly isLeaders: boolean;
}

export type Said = Spoken<'sent'> | Spoken<'received'>;

/** A vote leaves a server. */
interface Voted {
  readonly kind: 'voted';
  readonly server: number;
  readonly vote: Vote;
}

/** A record was handed to a server's disk. */
interface Logged {
  readonly kind: 'logged';
  readonly server: number;
  readonly record: Uint8Array;
}

/** A server's disk was told something else, or its log is to be read for a learner. */
interface Asked {
  readonly kind: 'asked';
  readonly server: number;
  readonly what: 'accepted' | 'current' | 'cut' | 'read' | 'next' | 'committed';
}

/** Which configuration rules, as a server's disk has it or was told; null for that of its own files. */
interface Configured {
  readonly kind: 'configured';
  readonly server: number;
  readonly ensemble: Ensemble | null;
}

/** Something leaves a server for a client. */
interface Replied {
  readonly kind: 'replied';
  readonly server: number;
}

/** A server's disk was told to hold nothing above this zxid, or is about to get a snapshot of it. */
interface Ended<Kind> {
  readonly kind: Kind;
  readonly server: number;
  readonly zxid: bigint;
}

/** What would survive is something else than before. */
interface Stored {
  readonly kind: 'stored';
  readonly server: number;
  readonly disk: Survivor;
}

interface Stands {
  readonly kind: 'stands';
  readonly server: number;
  readonly stand: Stand;
}

/** The tree of a server is that of this zxid. */
interface Applied {
  readonly kind: 'applied';
  readonly server: number;
  readonly zxid: bigint;
  readonly digest: bigint;
}

/** A server has taken its turn; the time is that of its own clock. */
interface Turned {
  readonly kind: 'turned';
  readonly server: number;
  readonly monotonicMs: number;
}

export type Fact =
  | Started
  | Died
  | Forgot
  | DiskFailed
  | Connected
  | Closed
  | Said
  | Voted
  | Logged
  | Asked
  | Configured
  | Replied
  | Ended<'cut'>
  | Ended<'snapshot'>
  | Stored
  | Stands
  | Applied
  | Turned;

export type FactOf<Kind extends Fact['kind']> = Extract<Fact, { readonly kind: Kind }>;

/** Where facts go. */
export interface Listener {
  hear(fact: Fact): void;
}
