import { expect, test } from 'vitest';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

test('a name may begin with the byte order mark', () => {
  expect(decodeUtf8(encodeUtf8('\ufeffname'))).toBe('\ufeffname');
});

test('bytes that are not UTF-8 become the replacement character', () => {
  expect(decodeUtf8(Uint8Array.of(0x61, 0xff, 0xed, 0xa0, 0x80))).toBe('a\ufffd\ufffd\ufffd\ufffd');
});
