import { expect, test } from 'vitest';
import { SESSION_PASSWORD_BYTES, sessionPassword } from './session-password.ts';

/** Issued by Apache ZooKeeper 3.8.0: session id, password. */
const issued: readonly (readonly [id: bigint, password: string])[] = [
  [0x10000320fb60000n, 'c81115fbb573e776e6ad5ddb86f7c9ea'],
  [0x10000320fb60001n, 'db320ffb55bfc6bbdbf0c4065a80deb7'],
  [0x10000320fb60005n, '27b7f7fad5ed43cfb0fc61b4a8a330ec'],
  [0x1000019a0bd0002n, 'f377c31df24c4f38355b392624eba9b6'],
  [0x200001d1b580000n, '9ace9e6b1f85c94e0854fcdb0040f15a'],
  [0x300001d16e80000n, 'aa8440c9ef69f62c98a06c1a50394b4a'],
];

test.each(issued)('session %# has the password that Apache gave it', (id, password) => {
  const bytes = sessionPassword(Number(id >> 32n), Number(BigInt.asIntN(32, id)));
  expect(Buffer.from(bytes).toString('hex')).toBe(password);
  expect(bytes).toHaveLength(SESSION_PASSWORD_BYTES);
});

test('the halves may be given signed or unsigned', () => {
  expect(sessionPassword(-1, -2)).toEqual(sessionPassword(0xffffffff, 0xfffffffe));
});
