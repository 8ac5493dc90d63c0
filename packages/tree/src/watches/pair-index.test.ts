import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HASH_KEY } from '../testing/world.ts';
import { PairIndex } from './pair-index.ts';
import { NONE, Registrations } from './registrations.ts';

const everyPair = Array.from({ length: 100 }, (_, i) => [i % 10, Math.floor(i / 10)] as const);

test('it finds what a map would while registrations come and go', () => {
  const step = fc.record({ isRemoval: fc.boolean(), path: fc.nat(9), watcher: fc.nat(9) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const registrations = new Registrations();
      const index = new PairIndex(HASH_KEY, registrations);
      const rows = new Map<string, number>();
      for (const { isRemoval, path, watcher } of steps) {
        const pair = `${path} ${watcher}`;
        const row = rows.get(pair);
        if (row === undefined) {
          const added = registrations.add(path, watcher, 1);
          index.insert(added);
          rows.set(pair, added);
        } else if (isRemoval) {
          index.remove(row);
          registrations.release(row);
          rows.delete(pair);
        }
        expect(everyPair.map((pair) => index.find(...pair))).toEqual(
          everyPair.map((pair) => rows.get(pair.join(' ')) ?? NONE),
        );
      }
    }),
    { numRuns: 30 },
  );
});

/** How many registrations share a bucket, by asking each in turn how far its chain goes. */
function longestChain(registrations: Registrations, rows: Iterable<number>): number {
  let longest = 0;
  for (const row of rows) {
    let length = 0;
    for (let at = row; at !== NONE; at = registrations.nextInChain(at)) length += 1;
    longest = Math.max(longest, length);
  }
  return longest;
}

test.each([
  ['many watchers of one path', (i: number) => [7, i]],
  ['one watcher of many paths', (i: number) => [i, 7]],
  ['every watcher of every path', (i: number) => [i % 250, Math.floor(i / 250)]],
] as const)('chains stay short: %s', (_, pairOf) => {
  const registrations = new Registrations();
  const index = new PairIndex(HASH_KEY, registrations);
  const rows: number[] = [];
  for (let i = 0; i < 50_000; i += 1) {
    const [path = 0, watcher = 0] = pairOf(i);
    const row = registrations.add(path, watcher, 1);
    index.insert(row);
    rows.push(row);
  }
  expect(longestChain(registrations, rows)).toBeLessThan(16);
  for (const row of rows.slice(0, 49_990)) index.remove(row);
  expect(rows.slice(49_990)).toEqual(
    rows
      .slice(49_990)
      .map((row) => index.find(registrations.pathOf(row), registrations.watcherOf(row))),
  );
});
