import { expect, test } from 'vitest';
import { Unreached } from './unreached.ts';

test('a failure is told once, again after a minute, and when it is another', () => {
  const unreached = new Unreached();
  expect(unreached.isNews('3', 'refused', 0)).toBe(true);
  expect(unreached.isNews('3', 'refused', 100)).toBe(false);
  expect(unreached.isNews('2', 'refused', 100)).toBe(true);
  expect(unreached.isNews('3', 'refused', 59_999)).toBe(false);
  expect(unreached.isNews('3', 'refused', 60_000)).toBe(true);
  expect(unreached.isNews('3', 'no such name', 66_000)).toBe(true);
});

test('reasons that take turns are told at a rate', () => {
  const unreached = new Unreached();
  const told = Array.from({ length: 1000 }, (_, i) =>
    unreached.isNews('3', i % 2 === 0 ? 'refused' : 'silent', 10 * i),
  );
  expect(told.filter(Boolean)).toHaveLength(2);
});

test('who was reached is news when it cannot be again', () => {
  const unreached = new Unreached();
  unreached.isNews('3', 'refused', 0);
  unreached.reached('3');
  expect(unreached.isNews('3', 'refused', 1)).toBe(true);
});

test('places are not kept without end', () => {
  const unreached = new Unreached();
  for (let i = 0; i < 300; i += 1) unreached.isNews(`${i}`, 'refused', 0);
  expect(unreached.isNews('299', 'refused', 1)).toBe(false);
  expect(unreached.isNews('0', 'refused', 1)).toBe(true);
});
