import { describe, expect, it } from 'vitest';
import { Chance } from './chance.ts';
import { ConnectionThrottle, type ConnectionThrottleSettings } from './connection-throttle.ts';

const settings: ConnectionThrottleSettings = {
  tokens: 10,
  fillMs: 100,
  fillCount: 2,
  freezeMs: -1,
  dropIncrease: 0.25,
  dropDecrease: 0.5,
  decreaseRatio: 0.1,
  newSessionTokens: 1,
  renewalTokens: 1,
};

function throttle(changes: Partial<ConnectionThrottleSettings> = {}): ConnectionThrottle {
  return new ConnectionThrottle({ ...settings, ...changes }, new Chance(1));
}

function admitted(one: ConnectionThrottle, nowMs: number, count: number): number {
  return Array.from({ length: count }, () => one.admits(false, nowMs)).filter(Boolean).length;
}

describe('a bucket of tokens', () => {
  it('lets as many in as it has, and fills by the clock up to its brim', () => {
    const bucket = throttle();
    expect(admitted(bucket, 50, 100)).toBe(10);
    expect(admitted(bucket, 100, 100)).toBe(0);
    expect(admitted(bucket, 201, 100)).toBe(4);
    expect(admitted(bucket, 1_000_000, 100)).toBe(10);
  });

  it('without tokens lets everybody in', () => {
    expect(admitted(throttle({ tokens: 0 }), 0, 1000)).toBe(1000);
  });

  it('takes another price from those who come back', () => {
    const bucket = throttle({ newSessionTokens: 6, renewalTokens: 2 });
    expect(bucket.admits(false, 0)).toBe(true);
    expect(bucket.admits(false, 0)).toBe(false);
    expect(bucket.admits(true, 0)).toBe(true);
    expect(bucket.admits(true, 0)).toBe(true);
    expect(bucket.admits(true, 0)).toBe(false);
  });

  it('refuses by chance once it stays empty, though there may be tokens again', () => {
    const bucket = throttle({ freezeMs: 1000, fillMs: 10_000, dropDecrease: 0 });
    expect(admitted(bucket, 1, 10)).toBe(10);
    bucket.admits(false, 1002);
    bucket.admits(false, 2003);
    const later = 1_000_000;
    const half = admitted(bucket, later, 10);
    expect(half).toBeGreaterThan(0);
    expect(half).toBeLessThan(10);
  });

  it('refuses less at every change while it is full', () => {
    const bucket = throttle({ freezeMs: 1000, fillMs: 10_000, dropIncrease: 1 });
    admitted(bucket, 1, 10);
    bucket.admits(false, 1002);
    expect(admitted(bucket, 2000, 10)).toBe(0);
    // The first change leaves a half, the second nothing.
    bucket.admits(false, 1_000_000);
    expect(admitted(bucket, 2_000_000, 9)).toBe(9);
  });
});
