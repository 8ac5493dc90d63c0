/**
 * When to ask again. A policy is asked only about failures that another try may mend, and is never
 * asked behind the back of a caller who has given up.
 */
import type { ZooKeeperError } from '../errors/zookeeper-error.ts';

export interface RetryContext {
  /** How often it has been tried: 1 after the first failure. */
  readonly attempt: number;
  /** Milliseconds since the call. */
  readonly elapsed: number;
  readonly error: ZooKeeperError;
  /** Doing it twice is doing it once: reads, and what is made of them. */
  readonly idempotent: boolean;
}

export interface RetryPolicy {
  /** Milliseconds until the next try, or false for none. */
  next(context: RetryContext): number | false;
}

export interface BackoffOptions {
  /** Tries beyond the first. */
  readonly times?: number;
  readonly baseMs?: number;
  readonly maxMs?: number;
  /** No more tries when so long has passed since the call. */
  readonly within?: number;
}

const CUT_READS_MAX = 3;

/** Nothing is asked twice. */
const none: RetryPolicy = { next: () => false };

/** What everybody gets: reads whose connection broke before the answer are asked again. */
const cutReads: RetryPolicy = {
  next: ({ attempt, error, idempotent }) =>
    idempotent && error.code === 'ConnectionLoss' && error.maybeApplied && attempt <= CUT_READS_MAX
      ? 0
      : false,
};

/**
 * All that can be asked again without harm (`error.retryable`), after pauses that grow: at random
 * between none and twice as long each time.
 */
function backoff(options: BackoffOptions = {}): RetryPolicy {
  const { times = 5, baseMs = 100, maxMs = 10_000, within = Number.POSITIVE_INFINITY } = options;
  return {
    next: ({ attempt, elapsed, error }) => {
      if (!error.retryable || attempt > times) return false;
      const pauseMs = Math.random() * Math.min(maxMs, baseMs * 2 ** attempt);
      return elapsed + pauseMs <= within ? pauseMs : false;
    },
  };
}

export const retries: {
  readonly none: RetryPolicy;
  readonly cutReads: RetryPolicy;
  readonly backoff: (options?: BackoffOptions) => RetryPolicy;
} = { none, cutReads, backoff };
