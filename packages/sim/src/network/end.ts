/** One end of a connection, and what its machine is to be told of it. */
import type { Stream } from './stream.ts';

/** Why a call was not answered. */
export type DialFailure = 'refused' | 'timed out' | 'name not resolved';

/** What waits to be told, as bits. */
export const Ready = { Accepted: 1, Dialed: 2, Bytes: 4, Closed: 8, Room: 16 } as const;
export type Ready = (typeof Ready)[keyof typeof Ready];

/** Where a machine hears of its connections; bytes are borrowed for the call. */
export interface NetworkDoor {
  onAccepted(link: number, port: number, caller: number): void;
  onDialed(dial: number, link: number): void;
  onDialFailed(dial: number, failure: DialFailure): void;
  onReceived(link: number, bytes: Uint8Array): void;
  /** The other end sends no more. */
  onEnded(link: number): void;
  /** The connection is gone, without having been closed here. */
  onClosed(link: number): void;
  /** There is room again for what the kernel did not take. */
  onRoom(link: number): void;
}

export class End {
  readonly link: number;
  readonly host: number;
  readonly port: number;
  /** The caller's number for its call; -1 at the end that was called. */
  readonly dial: number;
  /** What this end writes. */
  readonly out: Stream;
  ready = 0;
  isQueued = false;
  /** Its machine knows of it. */
  isKnown: boolean;
  isReading = true;
  wantsRoom = false;
  hasEnded = false;
  hasReset = false;
  /** This machine is done with it. */
  isClosed = false;
  /** It went with its machine's power. */
  isGone = false;
  /** A reset has come: nothing more comes, either way. */
  isFinal = false;
  /** What this end has sent is sent again until a reset answers it: nobody is there to take it. */
  isResetOwed = false;

  constructor(link: number, host: number, port: number, dial: number, out: Stream) {
    this.link = link;
    this.host = host;
    this.port = port;
    this.dial = dial;
    this.out = out;
    this.isKnown = dial < 0;
  }
}
