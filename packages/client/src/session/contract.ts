/**
 * All that a body has to know of a session: what it is told, what it is given to do, and what it is
 * told of. Values only; everything here is made once and never changed.
 */
import type { SessionId } from '@zabra/wire';

/** Where a server listens. Names are resolved by the body, at each attempt anew. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export function formatEndpoint({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** With these a session can be taken up again, by this client or by another. */
export interface Credentials {
  readonly sessionId: SessionId;
  readonly password: Uint8Array;
}

/**
 * What the body does, in this order. A link is a number that is never used again: whatever the body
 * tells of one that is gone is ignored. After `disconnect` nothing has to be told any more.
 */
export type Order =
  | { readonly kind: 'connect'; readonly link: number; readonly endpoint: Endpoint }
  | { readonly kind: 'disconnect'; readonly link: number };

/** Bytes for a link, one write each; they belong to whoever takes them. */
export interface LinkOutput {
  readonly link: number;
  readonly bytes: Uint8Array;
}

export interface SessionRequest {
  /** Whatever the caller tells its requests apart by; comes back in the completion. */
  readonly token: number;
  readonly opcode: number;
  /** The record behind the header, with paths of the server; unchanged until the completion. */
  readonly body: Uint8Array;
  /** Who is to be told, if this request sets a watch; the record has to say so as well. */
  readonly watch?: { readonly watcher: number; readonly path: string };
}

export const Outcome = {
  /** The server has answered; `code` is its word, Ok or not. */
  Answered: 'answered',
  ConnectionLoss: 'connection-loss',
  SessionLost: 'session-lost',
  AuthFailed: 'auth-failed',
  Closed: 'closed',
  TimedOut: 'timed-out',
  Abandoned: 'abandoned',
  /** As many requests, bytes or watches as may be have been taken on. */
  Full: 'full',
  RequestTooLarge: 'request-too-large',
  /** The answer was longer than a frame may be; the link ended with it. */
  ReplyTooLarge: 'reply-too-large',
} as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** The end of a request, exactly one for each. */
export interface Completion {
  readonly kind: 'completion';
  readonly token: number;
  readonly opcode: number;
  readonly outcome: Outcome;
  /** The server's code, or the one by which clients of ZooKeeper know such an end. */
  readonly code: number;
  /** Whether the server may have done it: it was sent, and no answer says otherwise. */
  readonly maybeApplied: boolean;
  /** The zxid of the answer, as two halves; zero without an answer. */
  readonly zxidHigh: number;
  readonly zxidLow: number;
  /** The record behind an answer's header; null unless the answer is Ok. */
  readonly body: Uint8Array | null;
}

/** Kinds of event beyond those of a server: watches that somebody has asked to be removed. */
export const RemovedEvent = { Data: 5, Child: 6, Persistent: 7 } as const;

export interface WatchReport {
  readonly kind: 'watch';
  /** EventType of wire, or RemovedEvent. */
  readonly type: number;
  /** As the server names it. */
  readonly path: string;
  /** Each of them is to be told once. */
  readonly watchers: readonly number[];
  readonly zxidHigh: number;
  readonly zxidLow: number;
}

/** Why a link is gone, or was never there. */
export interface LinkEnd {
  readonly kind:
    | 'unopened'
    | 'turned-away'
    | 'closed'
    | 'silent'
    | 'bad-bytes'
    | 'request-timed-out'
    | 'left';
  readonly detail: string;
}

export interface ServerFailure {
  readonly endpoint: Endpoint;
  readonly end: LinkEnd;
}

export type StatusReport =
  | { readonly kind: 'connecting'; readonly endpoint: Endpoint; readonly attempt: number }
  | {
      readonly kind: 'connected';
      readonly endpoint: Endpoint;
      readonly sessionId: SessionId;
      readonly timeoutMs: number;
      readonly isReadOnly: boolean;
      /** The session is the one there was before. */
      readonly isResumed: boolean;
    }
  /** After a reconnect all watches are set again; persistent ones may have missed events. */
  | { readonly kind: 'rearmed' }
  /** `sentLost` requests were sent and will not be answered; their completions follow. */
  | { readonly kind: 'suspended'; readonly end: LinkEnd; readonly sentLost: number }
  /** No server has taken this client for a whole session timeout, whatever was tried. */
  | { readonly kind: 'unreachable'; readonly failures: readonly ServerFailure[] }
  /** The exchange goes on with `respond`; a null challenge begins it or is a server's null token. */
  | { readonly kind: 'sasl'; readonly challenge: Uint8Array | null; readonly isFirst: boolean }
  | { readonly kind: 'lost'; readonly by: 'server' | 'own-clock' }
  | { readonly kind: 'auth-failed'; readonly scheme: string }
  /** `isEnded` is false if no server said so: then the session may live on for its timeout. */
  | { readonly kind: 'closed'; readonly isEnded: boolean };

/** In the order in which it happened; events stand before the answers that reveal their changes. */
export type Report = Completion | WatchReport | StatusReport;

/**
 * `suspended` was connected and may be again; `lost`, `auth-failed` and `closed` are final.
 */
export type SessionState =
  | 'new'
  | 'connecting'
  | 'connected'
  | 'read-only'
  | 'suspended'
  | 'lost'
  | 'auth-failed'
  | 'closed';
