import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ADLER32_START, adler32 } from './adler32.ts';

function naiveAdler32(bytes: Uint8Array): number {
  let low = 1;
  let high = 0;
  for (const byte of bytes) {
    low = (low + byte) % 65521;
    high = (high + low) % 65521;
  }
  return high * 65536 + low;
}

test('the checksum is the one that the definition gives', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(adler32(ADLER32_START, bytes, 0, bytes.length)).toBe(naiveAdler32(bytes));
    }),
  );
});

test('long runs of the largest byte do not overflow', () => {
  const bytes = new Uint8Array(100_003).fill(0xff);
  expect(adler32(ADLER32_START, bytes, 0, bytes.length)).toBe(naiveAdler32(bytes));
});

test('a checksum may be extended piece by piece', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(60), (bytes, cut) => {
      const middle = Math.min(cut, bytes.length);
      const first = adler32(ADLER32_START, bytes, 0, middle);
      expect(adler32(first, bytes, middle, bytes.length)).toBe(naiveAdler32(bytes));
    }),
  );
});
