import { expect, test } from 'vitest';
import { ErrorCode, errorName } from './error-code.ts';

test('a code has the name it is written with', () => {
  expect(errorName(ErrorCode.NoNode)).toBe('NoNode');
  expect(errorName(-999)).toBe('Unknown(-999)');
});
