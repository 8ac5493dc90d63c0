import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PathIndex } from './path-index.ts';

/** Few hashes, so that most collide: the same one, the same slot, the same shard, the edges. */
const collidingHash = fc.constantFrom(
  0,
  1,
  2,
  7,
  8,
  16,
  -1,
  -2,
  0x7fffffff,
  -0x80000000,
  0x01000000,
);
const hash = fc.oneof(
  { weight: 4, arbitrary: collidingHash },
  { weight: 1, arbitrary: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }) },
);

function rowsUnder(index: PathIndex, hash: number): number[] {
  const rows: number[] = [];
  for (let row = index.first(hash); row >= 0; row = index.next(hash)) rows.push(row);
  return rows.sort((a, b) => a - b);
}

test('it finds what a map would, also where everything collides', () => {
  const step = fc.record({ isRemoval: fc.boolean(), hash, which: fc.nat() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
      const index = new PathIndex();
      const pairs: { hash: number; row: number }[] = [];
      for (const [row, { isRemoval, hash, which }] of steps.entries()) {
        if (isRemoval && pairs.length > 0) {
          const [pair] = pairs.splice(which % pairs.length, 1);
          index.remove(pair!.hash, pair!.row);
        } else {
          pairs.push({ hash, row });
          index.insert(hash, row);
        }
        for (const asked of new Set([hash, ...pairs.map((pair) => pair.hash)])) {
          const expected = pairs.filter((pair) => pair.hash === asked).map((pair) => pair.row);
          expect(rowsUnder(index, asked)).toEqual(expected.sort((a, b) => a - b));
        }
      }
    }),
    { numRuns: 100 },
  );
});

test('a shard grows with what it holds', () => {
  const index = new PathIndex();
  for (let row = 0; row < 5000; row += 1) index.insert(row, row);
  for (let row = 0; row < 5000; row += 2) index.remove(row, row);
  for (let row = 0; row < 5000; row += 1) {
    expect(rowsUnder(index, row)).toEqual(row % 2 === 0 ? [] : [row]);
  }
});
