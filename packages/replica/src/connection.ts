/**
 * One client link: what came and is not complete, what waits, who it is, and its figures. It lives
 * from `connected` to `disconnected`; a session may outlive it and come back on another.
 */
import { type Identities, type Session, type Watcher, Watching } from '@zabra/tree';
import type { Output } from './output.ts';
import { type Tally, WaitQueue } from './wait-queue.ts';

export const NO_BYTES: Uint8Array = new Uint8Array(0);

/** A time that has not been looked at yet: a long turn is nobody's silence. */
export const UNSEEN = -1;

/**
 * greeting: the first frame or four-letter word is still to come. serving: it has a session, or its
 * creation is under way, or whether there is one is being found out. ending: nothing more is read, what is owed is still answered. gone: the
 * body has been told to close it.
 */
export type ConnectionState = 'greeting' | 'serving' | 'ending' | 'gone';

export class Connection implements Watcher {
  readonly id: number;
  /** Address and port of the peer, as the words print it. */
  readonly peer: string;
  readonly address: string;
  readonly openedWallMs: number;
  readonly openedMs: number;
  state: ConnectionState = 'greeting';
  session: Session | null = null;
  /** Answers leave out the read-only flag for clients that never sent one. */
  knowsReadOnly = true;
  /** Who it has proved to be, for the requests that come next. */
  identities: Identities;
  /** Who it was when the requests came whose turn it is now. */
  identitiesThen: Identities;
  /** Who it became by the proofs whose answers wait, in their order. */
  readonly identitiesLater: Identities[] = [];
  readonly watching: Watching = new Watching();
  readonly queue: WaitQueue;
  /** Half a frame, or whatever came while the connection was stalled. */
  rest: Uint8Array = NO_BYTES;
  restBytes = 0;
  /** What is being written for it. */
  output: Output | null = null;
  /** Bytes in outputs that were written before and wait for the body to take them. */
  heldBytes = 0;
  /** Bytes handed to the body and not yet sent. */
  unsentBytes = 0;
  /** When it last took something it was sent; UNSEEN for what has only just been handed over. */
  sentAtMs: number = UNSEEN;
  /** It has closed its session, and with it the conversation. */
  hasParted = false;
  /** The body was told to drop what is unsent. */
  isCut = false;
  isPaused = false;
  /** It takes a place among the connections that are limited. */
  isCounted = false;
  /** The body was told not to read from it. */
  isUnread = false;
  /** Since when whole requests wait in `rest`; Infinity where none does. */
  waitingSinceMs: number = Number.POSITIVE_INFINITY;
  /** Bytes of large reads that wait in the queue. */
  largeBytes = 0;
  received = 0;
  sent = 0;
  lastOpcode = 0;
  lastXid = -1;
  lastZxidHigh = -1;
  lastZxidLow = -1;
  lastResponseMs = 0;
  latencyMsLast = 0;
  latencyMsMin = 0;
  latencyMsMax = 0;
  latencyMsSum = 0;
  answered = 0;

  constructor(
    id: number,
    address: string,
    port: number,
    identities: Identities,
    nowMs: number,
    wallMs: number,
    waiting: Tally,
  ) {
    this.id = id;
    this.address = address;
    this.peer = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
    this.identities = identities;
    this.identitiesThen = identities;
    this.queue = new WaitQueue(waiting);
    this.openedMs = nowMs;
    this.openedWallMs = wallMs;
  }

  /** Bytes written for it that the body has not taken. */
  get pendingBytes(): number {
    return this.heldBytes + (this.output?.byteCount ?? 0);
  }

  /** Bytes it has been or will be sent that have not left yet. */
  get owedBytes(): number {
    return this.unsentBytes + this.pendingBytes;
  }

  get isOpen(): boolean {
    return this.state === 'greeting' || this.state === 'serving';
  }

  /** Nobody can say yet whether the session it has come with is gone. */
  get isInDoubt(): boolean {
    return this.state === 'serving' && this.session === null;
  }

  resetFigures(): void {
    this.received = 0;
    this.sent = 0;
    this.latencyMsLast = 0;
    this.latencyMsMin = 0;
    this.latencyMsMax = 0;
    this.latencyMsSum = 0;
    this.answered = 0;
    this.lastOpcode = 0;
    this.lastXid = -1;
  }
}
