import { constants } from 'node:os';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { describeSystemError, remedyFor, systemErrorName } from './system-error.ts';

function caught(act: () => void): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return expect.fail('nothing was thrown');
}

test('errors are known by their numbers, also those that have no name in Node', () => {
  const { EDQUOT } = constants.errno;
  const error = Object.assign(new Error('Unknown system error -122'), { errno: -EDQUOT });
  expect(systemErrorName(error)).toBe('EDQUOT');
  expect(describeSystemError(error)).toBe('disk quota exceeded (EDQUOT)');
  expect(remedyFor(error)).toBe('Raise the quota or make room');
});

test('a number that nobody knows is told as it is', () => {
  expect(systemErrorName(Object.assign(new Error(), { errno: -9999 }))).toBe('errno 9999');
});

test('what is no error of the system speaks for itself', () => {
  expect(systemErrorName(new Error('its end is missing'))).toBeNull();
  expect(describeSystemError(new Error('its end is missing'))).toBe('its end is missing');
  expect(describeSystemError('half a sentence')).toBe('half a sentence');
});

test('the numbers of zlib are not the system’s', () => {
  const error = caught(() => gunzipSync(Uint8Array.of(0x1f, 0x8b, 8)));
  expect(error).toHaveProperty('errno');
  expect(describeSystemError(error)).toBe('unexpected end of file');
});
