/** What becomes of a client, as it is told: one union of events, one state at a time. */
import type { ZooKeeperError } from '../errors/zookeeper-error.ts';
import type { LinkEnd } from '../session/index.ts';
import type { ServerInfo } from './host.ts';

/** With these a session can be taken up again, by this program or by another. */
export interface SessionCredentials {
  readonly id: bigint;
  readonly password: Uint8Array;
}

export interface SessionInfo extends SessionCredentials {
  /** Milliseconds, as the server granted them. */
  readonly timeout: number;
}

export interface ServerFailure {
  readonly server: ServerInfo;
  readonly kind: LinkEnd['kind'];
  readonly reason: string;
}

/**
 * `suspended` was connected and may be again; after `lost` a new session is begun unless
 * `onExpired` says otherwise. `auth-failed` and `closed` are final.
 */
export type ClientState =
  | 'connecting'
  | 'connected'
  | 'read-only'
  | 'suspended'
  | 'lost'
  | 'auth-failed'
  | 'closed';

export type CloseReason =
  /** The program closed it. `ended` is false if no server said so: the session lives on for a while. */
  | { readonly type: 'closed'; readonly ended: boolean }
  | { readonly type: 'expired'; readonly error: ZooKeeperError }
  | { readonly type: 'auth-failed'; readonly error: ZooKeeperError };

export type StatusEvent =
  | { readonly type: 'connecting'; readonly server: ServerInfo; readonly attempt: number }
  | {
      readonly type: 'connected';
      readonly server: ServerInfo;
      readonly session: SessionInfo;
      readonly kind: 'new' | 'resumed';
      readonly readOnly: boolean;
    }
  /** `sentAborted` requests were sent and will not be answered. */
  | { readonly type: 'suspended'; readonly reason: Error; readonly sentAborted: number }
  | {
      readonly type: 'lost';
      readonly sessionId: bigint | undefined;
      readonly by: 'server' | 'client-clock';
    }
  /** No server has taken this client for a whole session timeout. It goes on trying. */
  | { readonly type: 'unreachable'; readonly failures: readonly ServerFailure[] }
  | { readonly type: 'auth-failed'; readonly reason: ZooKeeperError }
  | { readonly type: 'servers'; readonly servers: readonly ServerInfo[] }
  | { readonly type: 'closed'; readonly reason: CloseReason };

export type ClientEvents = {
  readonly [T in StatusEvent['type']]: Extract<StatusEvent, { readonly type: T }>;
} & {
  /** Each of them. */
  readonly status: StatusEvent;
};

/** What a client has done and has in hand, in all sessions it had. */
export interface ClientStats {
  readonly sessions: number;
  readonly connectionsOpened: number;
  readonly connectionsLost: number;
  readonly attemptsFailed: number;
  readonly requestsAnswered: number;
  readonly requestsFailed: number;
  readonly requestsRetried: number;
  readonly requestsPending: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly framesSent: number;
  readonly framesReceived: number;
  readonly watches: number;
  readonly events: number;
  readonly pingsSent: number;
  /** From the last ping to its answer; undefined before the first. */
  readonly pingMs: number | undefined;
}

export interface Logger {
  debug(message: string, facts?: object): void;
  info(message: string, facts?: object): void;
  warn(message: string, facts?: object): void;
  error(message: string, facts?: object): void;
}
