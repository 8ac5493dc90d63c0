/**
 * A server's mind as a simulated machine sees it: calls that hand in what arrived and return nothing,
 * `turn`, then one call that empties it into an outlet. Whatever follows this shape can be put on a
 * machine: the replica that ships, alone or as a member, and toys that are wrong on purpose.
 */
import type { DiskOrder } from '@zabra/replica';
import type { DiskAnswer, SimDisk } from '../disk.ts';

/** The doors of a server. */
export const Port = { Client: 0, Quorum: 1, Election: 2 } as const;
export type Port = (typeof Port)[keyof typeof Port];

export interface Actor {
  /** The machine's own clocks, before the first input of a turn. */
  begin(monotonicMs: number, wallMs: number): void;
  /** Somebody has called one of the doors. */
  accepted(link: number, port: number, caller: number): void;
  dialed(dial: number, link: number): void;
  dialFailed(dial: number): void;
  /** The bytes are borrowed for the call. */
  received(link: number, bytes: Uint8Array): void;
  /** The other side sends no more. */
  ended(link: number): void;
  closed(link: number): void;
  /** All that was sent on the link has left. */
  flushed(link: number): void;
  diskAnswered(answer: DiskAnswer): void;
  diskFailed(what: string): void;
  /** Takes in nothing more and comes to an end. */
  drain(): void;
  turn(): void;
  /** Hands everything out, in the order in which it must be done. */
  take(outlet: Outlet): void;
  /** The next moment at which something is due, on the monotonic clock. */
  wakeAt(): number;
  /** What it is and how far it has come; null for whoever is not a server of this kind. */
  readonly standing: Standing | null;
}

/** What a server is doing, as everybody may know. */
export interface Standing {
  readonly role: 'alone' | 'looking' | 'leading' | 'following' | 'observing';
  readonly isServing: boolean;
  /** Of the leader it has; 0 without one. */
  readonly epoch: number;
  /** The machine that leads; -1 without one. */
  readonly leader: number;
  readonly appliedZxid: bigint;
  /** Of its tree as of that zxid. */
  readonly digest: bigint;
}

/** What a machine does for a mind; each call is a thing to be done now, in its turn. */
export interface Outlet {
  disk(order: DiskOrder): void;
  /** The bytes stay unchanged until the link was flushed. */
  send(link: number, bytes: Uint8Array, byteCount: number): void;
  /** Behind what is unsent. */
  close(link: number): void;
  /** At once. */
  cut(link: number): void;
  setReading(link: number, isReading: boolean): void;
  listen(port: number, isListening: boolean): void;
  dial(dial: number, host: number, port: number, timeoutMs: number): void;
  hangUp(dial: number): void;
  notice(text: string, level?: 'info' | 'warn' | 'error'): void;
  /** The process ends. */
  stop(reason: string): void;
}

export interface Birth {
  readonly host: number;
  /** What it starts from. */
  readonly disk: SimDisk;
  readonly monotonicMs: number;
  readonly wallMs: number;
  /** How many lives it had before. */
  readonly life: number;
}

/** Brings a server to life; in words why it refuses. */
export type Begetter = (birth: Birth) => Actor | string;
