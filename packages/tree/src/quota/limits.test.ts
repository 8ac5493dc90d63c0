import { expect, test } from 'vitest';
import { formatUsage, parseLimits } from './limits.ts';

const none = { count: -1, bytes: -1, countHard: -1, bytesHard: -1 };

test.each([
  ['count=3,bytes=-1', { ...none, count: 3 }],
  ['count=3,bytes=500', { ...none, count: 3, bytes: 500 }],
  [
    'count=3,bytes=-1=;byteHardLimit=10;countHardLimit=4',
    { ...none, count: 3, countHard: 4, bytesHard: 10 },
  ],
  ['countHardLimit=0', { ...none, countHard: 0 }],
  ['bytes=1;count=2', { ...none, count: 2, bytes: 1 }],
  ['', none],
  ['count', none],
  ['count=', none],
  ['count=many,bytes=2', { ...none, bytes: 2 }],
  ['colour=7', none],
])('%j', (text, expected) => {
  expect(parseLimits(text)).toEqual(expected);
});

test('usage is written as Apache writes it', () => {
  expect(formatUsage(3, 17)).toBe('count=3,bytes=17');
});
