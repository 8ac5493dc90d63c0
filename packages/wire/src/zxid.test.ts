import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asZxid, formatZxid, parseZxid, zxidCounter, zxidEpoch, zxidOf } from './zxid.ts';

test('the epoch stands above the counter', () => {
  expect(zxidOf(3, 5)).toBe(0x300000005n);
  expect(formatZxid(zxidOf(3, 5))).toBe('300000005');
  expect(formatZxid(zxidOf(0, 0))).toBe('0');
});

test('a zxid with the highest bit is negative and shown unsigned', () => {
  expect(formatZxid(asZxid(-1n))).toBe('ffffffffffffffff');
  expect(asZxid(0xffffffffffffffffn)).toBe(-1n);
});

test('splitting and joining are inverse, and so are writing and reading', () => {
  const epochs = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  fc.assert(
    fc.property(epochs, fc.nat(2 ** 32 - 1), (epoch, counter) => {
      const zxid = zxidOf(epoch, counter);
      expect(zxidEpoch(zxid)).toBe(epoch);
      expect(zxidCounter(zxid)).toBe(counter);
      expect(parseZxid(formatZxid(zxid))).toBe(zxid);
    }),
  );
});

test('what is not a number in hexadecimal is no zxid', () => {
  for (const text of ['', 'xyz', '0x1', '-1', '1 ', '11111111111111111']) {
    expect(parseZxid(text)).toBe(null);
  }
});
