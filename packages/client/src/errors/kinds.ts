/** A class for each code that programs tell apart; the others are plain ZooKeeperErrors. */
import type { ErrorCode } from './error-code.ts';
import { type ErrorFacts, ZooKeeperError } from './zookeeper-error.ts';

export class NoNodeError extends ZooKeeperError {
  override readonly name = 'NoNodeError';
}
export class NodeExistsError extends ZooKeeperError {
  override readonly name = 'NodeExistsError';
}
export class BadVersionError extends ZooKeeperError {
  override readonly name = 'BadVersionError';
}
export class NotEmptyError extends ZooKeeperError {
  override readonly name = 'NotEmptyError';
}
export class NoAuthError extends ZooKeeperError {
  override readonly name = 'NoAuthError';
}
export class AuthFailedError extends ZooKeeperError {
  override readonly name = 'AuthFailedError';
}
export class NotReadOnlyError extends ZooKeeperError {
  override readonly name = 'NotReadOnlyError';
}
export class ConnectionLossError extends ZooKeeperError {
  override readonly name = 'ConnectionLossError';
}
export class SessionExpiredError extends ZooKeeperError {
  override readonly name = 'SessionExpiredError';
}
export class RequestAbortedError extends ZooKeeperError {
  override readonly name = 'RequestAbortedError';
}
export class RequestTimeoutError extends ZooKeeperError {
  override readonly name = 'RequestTimeoutError';
}
export class QueueFullError extends ZooKeeperError {
  override readonly name = 'QueueFullError';
}
export class ClientClosedError extends ZooKeeperError {
  override readonly name = 'ClientClosedError';
}

/** No server took this client; `failures` says of each why. */
export class UnreachableError extends ZooKeeperError {
  override readonly name = 'UnreachableError';
  readonly failures: readonly { readonly server: string; readonly reason: string }[];

  constructor(failures: UnreachableError['failures']) {
    const list = failures.map(({ server, reason }) => `${server}: ${reason}`).join('; ');
    super('Unreachable', `no server could be reached (${list})`);
    this.failures = failures;
  }
}

/** A multi of which one write failed, so that none was done. `code` is that of the failed one. */
export class MultiError extends ZooKeeperError {
  override readonly name = 'MultiError';
  /** Which write failed. */
  readonly index: number;
  /** The code of each: `Ok` before the one that failed. */
  readonly results: readonly (ErrorCode | 'Ok' | number)[];

  constructor(
    code: ErrorCode | number,
    index: number,
    results: MultiError['results'],
    message: string,
    facts: ErrorFacts,
  ) {
    super(code, message, facts);
    this.index = index;
    this.results = results;
  }
}

type Kind = new (code: ErrorCode | number, message: string, facts: ErrorFacts) => ZooKeeperError;

const kinds: Partial<Readonly<Record<ErrorCode, Kind>>> = {
  Aborted: RequestAbortedError,
  AuthFailed: AuthFailedError,
  BadVersion: BadVersionError,
  Closed: ClientClosedError,
  ConnectionLoss: ConnectionLossError,
  NoAuth: NoAuthError,
  NodeExists: NodeExistsError,
  NoNode: NoNodeError,
  NotEmpty: NotEmptyError,
  NotReadOnly: NotReadOnlyError,
  QueueFull: QueueFullError,
  RequestTimeout: RequestTimeoutError,
  SessionExpired: SessionExpiredError,
};

/** The class for a code. */
export function kindOf(code: ErrorCode | number): Kind {
  return (typeof code === 'number' ? undefined : kinds[code]) ?? ZooKeeperError;
}
