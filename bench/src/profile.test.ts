import { expect, it } from 'vitest';
import { selfTimes } from './profile.ts';

it('sums samples by function and leaves idle time out', () => {
  const frame = (functionName: string) => ({ functionName, url: '', lineNumber: 0 });
  const times = selfTimes({
    nodes: [
      { id: 1, callFrame: frame('(idle)') },
      { id: 2, callFrame: frame('encode') },
      { id: 3, callFrame: frame('decode') },
      { id: 4, callFrame: frame('encode') },
    ],
    samples: [1, 2, 3, 4],
    timeDeltas: [9000, 1000, 1500, 2000],
  });
  expect(times).toEqual([
    { place: 'encode', ms: 3 },
    { place: 'decode', ms: 1.5 },
  ]);
});
