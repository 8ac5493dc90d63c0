import { expect, it } from 'vitest';
import { Clock } from './clock.ts';

it('goes at its own speed from the moment it was given one', () => {
  const clock = new Clock(1000);
  clock.setRate(100, 2);
  expect(clock.monotonicAt(100)).toBe(1100);
  expect(clock.monotonicAt(150)).toBe(1200);
  expect(clock.worldAt(1200)).toBe(150);
  clock.leap(50);
  expect(clock.monotonicAt(150)).toBe(1250);
});

it('keeps its monotonic clock when the wall clock is set', () => {
  const clock = new Clock(0);
  const before = clock.wallAt(10);
  clock.setWall(-5000);
  expect(clock.wallAt(10)).toBe(before - 5000);
  expect(clock.monotonicAt(10)).toBe(10);
  clock.setWall(0);
  expect(clock.wallAt(10)).toBe(before);
});
