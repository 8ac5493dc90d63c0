import { describe, expect, it } from 'vitest';
import { createError } from '../errors/create-error.ts';
import { retries } from './retry.ts';

const loss = (maybeApplied: boolean, retryable: boolean) =>
  createError('ConnectionLoss', { maybeApplied, retryable });

describe('retries', () => {
  it('none asks nothing again', () => {
    const context = { attempt: 1, elapsed: 0, error: loss(false, true), idempotent: true };
    expect(retries.none.next(context)).toBe(false);
  });

  it('cutReads asks reads again whose connection broke, a few times', () => {
    const next = (attempt: number, maybeApplied: boolean, idempotent: boolean) =>
      retries.cutReads.next({ attempt, elapsed: 0, error: loss(maybeApplied, true), idempotent });
    expect([next(1, true, true), next(3, true, true)]).toEqual([0, 0]);
    expect([next(4, true, true), next(1, false, true), next(1, true, false)]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('backoff asks again what does no harm, after pauses that grow', () => {
    const policy = retries.backoff({ times: 3, baseMs: 10, maxMs: 25, within: 100 });
    const next = (attempt: number, elapsed: number, retryable: boolean) =>
      policy.next({ attempt, elapsed, error: loss(true, retryable), idempotent: false });
    expect(next(1, 0, false)).toBe(false);
    expect(next(4, 0, true)).toBe(false);
    expect(next(1, 101, true)).toBe(false);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const pauseMs = next(attempt, 0, true) as number;
      expect(pauseMs).toBeGreaterThanOrEqual(0);
      expect(pauseMs).toBeLessThanOrEqual(Math.min(25, 10 * 2 ** attempt));
    }
  });
});
