import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DigestSum } from './digest.ts';

test('a sum and its differences are those of a 64-bit number', () => {
  const change = fc.tuple(fc.boolean(), fc.integer({ min: -(2 ** 31), max: 2 ** 32 - 1 }));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 200, size: 'max' }), (changes) => {
      const sum = new DigestSum();
      let expected = 0n;
      for (const [isAddition, digest] of changes) {
        const value = BigInt(digest >>> 0);
        if (isAddition) sum.add(digest);
        else sum.subtract(digest);
        expected = BigInt.asUintN(64, isAddition ? expected + value : expected - value);
        expect(sum.toBigInt()).toBe(expected);
      }
      const high = Number(BigInt.asIntN(32, expected >> 32n));
      const low = Number(BigInt.asIntN(32, expected));
      expect(sum.equals(high, low)).toBe(true);
      expect(sum.equals(high, low ^ 1)).toBe(false);
      expect(sum.equals(high ^ 1, low)).toBe(false);
      const copy = new DigestSum();
      copy.copyFrom(sum);
      expect(copy.toBigInt()).toBe(expected);
    }),
  );
});
