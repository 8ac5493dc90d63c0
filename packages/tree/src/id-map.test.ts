import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IdMap } from './id-map.ts';

test('it is a map', () => {
  const half = fc.constantFrom(0, 1, -1, 7);
  const step = fc.record({ isRemoval: fc.boolean(), high: half, low: half, value: fc.nat(9) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const map = new IdMap<number>();
      const expected = new Map<string, number>();
      for (const { isRemoval, high, low, value } of steps) {
        const key = `${high} ${low}`;
        if (isRemoval) expect(map.delete(high, low)).toBe(expected.delete(key));
        else {
          map.set(high, low, value);
          expected.set(key, value);
        }
        expect(map.get(high, low)).toBe(expected.get(key));
        expect(map.size).toBe(expected.size);
        expect([...map.values()].sort()).toEqual([...expected.values()].sort());
      }
    }),
  );
});
