import { expect, test } from 'vitest';
import { assert, InvariantError } from './assert.ts';

test('an invariant that does not hold names the belief', () => {
  expect(() => assert(true, 'the sky is up')).not.toThrow();
  expect(() => assert(false, 'the sky is up')).toThrow(InvariantError);
  expect(() => assert(false, 'the sky is up')).toThrow('broken invariant: the sky is up');
});
