import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CRC32_START, crc32Extend, crc32Finish } from './crc32.ts';

function naiveCrc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

test('the checksum of the standard check string', () => {
  const bytes = new TextEncoder().encode('123456789');
  expect(crc32Finish(crc32Extend(CRC32_START, viewOf(bytes), 0, 9))).toBe(0xcbf43926);
});

test('the checksum is the one that the definition gives, in one run or in two', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, cut) => {
      const middle = Math.min(cut, bytes.length);
      const first = crc32Extend(CRC32_START, viewOf(bytes), 0, middle);
      const whole = crc32Extend(first, viewOf(bytes), middle, bytes.length);
      expect(crc32Finish(whole)).toBe(naiveCrc32(bytes));
    }),
  );
});
