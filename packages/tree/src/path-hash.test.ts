import { encodeUtf8 } from '@zabra/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashPath } from './path-hash.ts';

const key = { first: 1, second: 2 };

function hashOf(text: string, at = 0, own = key): number {
  const path = encodeUtf8(text);
  const bytes = new Uint8Array(path.length + at + 3).fill(at);
  bytes.set(path, at);
  return hashPath(own, new DataView(bytes.buffer), at, at + path.length);
}

test('only the bytes of the path count, wherever they lie', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(9), (text, at) => {
      expect(hashOf(text, at)).toBe(hashOf(text));
    }),
  );
});

test('it depends on the key and on every byte, the length included', () => {
  expect(hashOf('/a')).not.toBe(hashOf('/a', 0, { first: 1, second: 3 }));
  expect(hashOf('/a')).not.toBe(hashOf('/a', 0, { first: 2, second: 2 }));
  const texts = [
    '',
    '\0',
    '\0\0',
    '\0\0\0',
    '\0\0\0\0',
    '/a',
    '/b',
    '/a\0',
    '/ab',
    '/abc',
    '/abcd',
  ];
  expect(new Set(texts.map((text) => hashOf(text))).size).toBe(texts.length);
});

test('names that count up spread over the whole range', () => {
  const buckets = new Uint32Array(256);
  for (let i = 0; i < 25_600; i += 1) buckets[hashOf(`/locks/lock-${i}`) >>> 24]! += 1;
  expect(Math.min(...buckets)).toBeGreaterThan(50);
  expect(Math.max(...buckets)).toBeLessThan(170);
});
