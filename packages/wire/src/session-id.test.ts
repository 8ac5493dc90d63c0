import { expect, test } from 'vitest';
import { asSessionId, formatSessionId, NO_SESSION } from './session-id.ts';

test('a session is named by its unsigned id', () => {
  expect(formatSessionId(asSessionId(0x10000320fb60000n))).toBe('0x10000320fb60000');
  expect(formatSessionId(asSessionId(0xff00000000000001n))).toBe('0xff00000000000001');
  expect(formatSessionId(NO_SESSION)).toBe('0x0');
});
