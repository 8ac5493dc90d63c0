import { asZxid, zxidOf } from '@zabra/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareHalves, highOf, isSuccessor, lowOf, zxidOfHalves } from './zxid-halves.ts';

const zxid = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }).map(asZxid);

test('halves make the whole again', () => {
  fc.assert(fc.property(zxid, (whole) => zxidOfHalves(highOf(whole), lowOf(whole)) === whole));
});

test('halves are in the order of the whole', () => {
  fc.assert(
    fc.property(zxid, zxid, (one, other) => {
      const order = compareHalves(highOf(one), lowOf(one), highOf(other), lowOf(other));
      expect(Math.sign(order)).toBe(Number(one > other) - Number(one < other));
    }),
  );
});

test('behind a record comes the next of its epoch, or the first of a later one', () => {
  const follows = (one: bigint, other: bigint): boolean => {
    const [a, b] = [asZxid(one), asZxid(other)];
    return isSuccessor(highOf(a), lowOf(a), highOf(b), lowOf(b));
  };
  expect(follows(zxidOf(1, 5), zxidOf(1, 6))).toBe(true);
  expect(follows(zxidOf(1, 0x7fffffff), zxidOf(1, 0x80000000))).toBe(true);
  expect(follows(zxidOf(1, 5), zxidOf(3, 1))).toBe(true);
  expect(follows(zxidOf(1, 5), zxidOf(1, 7))).toBe(false);
  expect(follows(zxidOf(1, 5), zxidOf(2, 2))).toBe(false);
  expect(follows(zxidOf(2, 5), zxidOf(1, 1))).toBe(false);
  expect(follows(zxidOf(1, 0xffffffff), zxidOf(1, 0))).toBe(false);
});
