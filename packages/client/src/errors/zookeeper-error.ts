/**
 * The one kind of error that this client throws. Its subclasses are there for `instanceof`; whoever
 * prefers to switch looks at `code`.
 *
 * Two answers stand in each of them: whether the servers may have done it, and whether asking again
 * could help without doing harm.
 */
import type { ErrorCode } from './error-code.ts';

export interface ErrorFacts {
  readonly op?: string | undefined;
  readonly path?: string | undefined;
  readonly maybeApplied?: boolean;
  readonly retryable?: boolean;
  readonly sessionId?: bigint | undefined;
  readonly cause?: unknown;
}

export class ZooKeeperError extends Error {
  override readonly name: string = 'ZooKeeperError';
  /** A name, or the number of a code that this client does not know. */
  readonly code: ErrorCode | number;
  readonly op: string | undefined;
  readonly path: string | undefined;
  /** It was sent, and no answer says what came of it. False: it certainly did nothing. */
  readonly maybeApplied: boolean;
  /** Asking again may succeed, and does no harm. */
  readonly retryable: boolean;
  readonly sessionId: bigint | undefined;

  constructor(code: ErrorCode | number, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.op = facts.op;
    this.path = facts.path;
    this.maybeApplied = facts.maybeApplied ?? false;
    this.retryable = facts.retryable ?? false;
    this.sessionId = facts.sessionId;
  }
}

/** `isZooKeeperError(error, 'NoNode')`: whether something caught is one of ours, and of that code. */
export function isZooKeeperError<C extends ErrorCode>(
  error: unknown,
  code?: C,
): error is ZooKeeperError & { readonly code: C } {
  return error instanceof ZooKeeperError && (code === undefined || error.code === code);
}
