import { expect, it } from 'vitest';
import { longestGap } from './outage.ts';

it('finds the longest time without an answer, whoever was answered', () => {
  expect(longestGap([])).toBe(0);
  expect(longestGap([5])).toBe(0);
  expect(longestGap([30, 1, 2, 10])).toBe(20);
});
