/** What a session is told when it is made. */
import type { Credentials, Endpoint } from './contract.ts';

export interface SessionSettings {
  readonly servers: readonly Endpoint[];
  /** For the order of the servers and the pauses between attempts. */
  readonly seed: number;
  /** What is asked for; the server may grant another timeout. */
  readonly timeoutMs: number;
  /** The longest that an attempt may take, the handshake included. */
  readonly connectTimeoutMs: number;
  /** How long the very first session may take to come about. */
  readonly establishTimeoutMs: number;
  /** From the call to the answer; when a request that was sent takes longer, its link is dropped. */
  readonly requestTimeoutMs: number;
  /** How long requests wait without a connection; 0 lets them fail with each attempt. */
  readonly offlineWaitMs: number;
  /** Before each attempt but the first, at random up to this. */
  readonly jitterMsMax: number;
  /** When all servers have been tried. */
  readonly roundPauseMs: number;
  /** When a connection broke. */
  readonly brokenPauseMs: number;
  /** A server that only reads will do. */
  readonly canBeReadOnly: boolean;
  /** Nothing but SASL tokens is sent until `authenticated` was called. */
  readonly sasl: boolean;
  /** A session to take up again. */
  readonly credentials: Credentials | null;
  readonly frameBytesMax: number;
  readonly requestBytesMax: number;
  readonly inFlightRequestsMax: number;
  readonly inFlightBytesMax: number;
  readonly waitingRequestsMax: number;
  readonly waitingBytesMax: number;
  readonly watchesMax: number;
  /** The paths in one piece of the watches that are set again. */
  readonly replayBytesMax: number;
  /** Where xids start from; they go round after 2147483647. */
  readonly firstXid: number;
}

const MEBIBYTE = 1024 * 1024;

const defaults: Omit<SessionSettings, 'servers'> = {
  seed: 0,
  timeoutMs: 30_000,
  connectTimeoutMs: 10_000,
  establishTimeoutMs: Number.POSITIVE_INFINITY,
  requestTimeoutMs: Number.POSITIVE_INFINITY,
  offlineWaitMs: 30_000,
  jitterMsMax: 1000,
  roundPauseMs: 1000,
  brokenPauseMs: 100,
  canBeReadOnly: false,
  sasl: false,
  credentials: null,
  // A server bounds what it takes, not what it answers: a list of children may be far longer.
  frameBytesMax: 4 * MEBIBYTE,
  requestBytesMax: 0xfffff,
  inFlightRequestsMax: 1024,
  inFlightBytesMax: 4 * MEBIBYTE,
  waitingRequestsMax: 65_536,
  waitingBytesMax: 64 * MEBIBYTE,
  watchesMax: 1_000_000,
  // Below every server's limit, whatever else is in the request.
  replayBytesMax: 128 * 1024,
  firstXid: 1,
};

export function sessionSettings(
  own: Partial<SessionSettings> & Pick<SessionSettings, 'servers'>,
): SessionSettings {
  return { ...defaults, ...own };
}
