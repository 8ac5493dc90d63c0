import { expect, it } from 'vitest';
import { statsIn } from './loop-stats.ts';

it('finds the lines of statistics among others and leaves an unfinished one', () => {
  const log = [
    'zabra listening',
    '{"level":30}',
    '{"longestCallMs":4.5,"p9999CallMs":2}',
    '{"longestCallMs":9',
  ].join('\n');
  expect(statsIn(log)).toEqual([{ longestCallMs: 4.5, p9999CallMs: 2 }]);
});
