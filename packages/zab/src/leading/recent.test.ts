import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Recent } from './recent.ts';

test('proposals are found by their counters, as long as they are remembered', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3, max: 900 }), { maxLength: 12 }), (steps) => {
      const recent = new Recent(1);
      let next = 1;
      let first = 1;
      for (const step of steps) {
        for (let i = 0; i < step; i += 1) {
          recent.add(next * 10, next);
          next += 1;
        }
        for (let i = step; i < 0 && first < next; i += 1) {
          recent.forgetFirst();
          first += 1;
        }
        expect([recent.first, recent.last]).toEqual([first, next - 1]);
        const wrong = Array.from({ length: next - first }, (_, i) => first + i).filter(
          (n) => recent.placeOf(n) !== n * 10 || recent.byteCountOf(n) !== n,
        );
        expect(wrong).toEqual([]);
      }
    }),
    { numRuns: 30 },
  );
});

test('what is forgotten, or was never there, is not asked for', () => {
  const recent = new Recent(1);
  recent.add(0, 1);
  recent.forgetFirst();
  expect(() => recent.placeOf(1)).toThrow('is here');
  expect(() => recent.forgetFirst()).toThrow('was remembered');
});
