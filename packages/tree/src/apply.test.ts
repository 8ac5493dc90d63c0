import {
  type Acl,
  asSessionId,
  asZxid,
  encodeTransaction,
  InvariantError,
  JuteWriter,
  Opcode,
  type Transaction,
  type TxnRecord,
} from '@zabra/wire';
import { describe, expect, test } from 'vitest';
import { applyTransaction, DigestCheck } from './apply.ts';
import { checkBooks, dumpTree } from './testing/dump.ts';
import { World } from './testing/world.ts';

const acl: readonly Acl[] = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];
const session = 0x0100_0000_0000_0001n;

const create: TxnRecord = {
  type: Opcode.Create,
  body: { path: '/a', data: null, acl, parentCversion: 1, ephemeral: true },
};

function txn(record: TxnRecord, digest: Transaction['digest'] = null): Transaction {
  const header = { clientId: asSessionId(session), cxid: 0, zxid: asZxid(1n), time: 1n };
  return { header, record, digest };
}

function bytesOf(transaction: Transaction): Uint8Array {
  const writer = new JuteWriter();
  encodeTransaction(writer, transaction);
  return writer.finish();
}

/** Applies as a running server does: whatever is missing is a broken invariant. */
function applyLive(world: World, bytes: Uint8Array): DigestCheck {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return applyTransaction(world.application, bytes, view, 0, bytes.length);
}

describe('the digest behind a transaction', () => {
  const after = new World();
  applyLive(after, bytesOf(txn(create)));
  const treeDigest = BigInt.asIntN(64, after.tree.digest.toBigInt());

  test.each([
    ['none', null, DigestCheck.None],
    ['the right one', { version: 2, treeDigest }, DigestCheck.Equal],
    ['another', { version: 2, treeDigest: treeDigest + 1n }, DigestCheck.Different],
    [
      'another in its upper half',
      { version: 2, treeDigest: treeDigest ^ (1n << 40n) },
      DigestCheck.Different,
    ],
    ['one of another version', { version: 3, treeDigest }, DigestCheck.None],
  ])('%s', (_, digest, expected) => {
    const world = new World();
    expect(applyLive(world, bytesOf(txn(create, digest)))).toBe(expected);
    // Whatever it says, the transaction was applied.
    expect(dumpTree(world.tree)).toEqual(dumpTree(after.tree));
  });

  test('is compared after the whole of a multi', () => {
    const world = new World();
    const me = world.connect('me');
    world.propose(me, Opcode.Multi, {
      ops: [
        { type: Opcode.Create, body: { path: '/a', data: null, acl, flags: 0 } },
        { type: Opcode.Create, body: { path: '/a/b', data: null, acl, flags: 0 } },
      ],
    });
    const other = new World();
    expect(applyLive(other, world.lastTransaction)).toBe(DigestCheck.Equal);
  });
});

describe('a close without a list', () => {
  test('may be followed by a digest, which is not read as the list', () => {
    const world = new World();
    applyLive(world, bytesOf(txn(create)));
    const close: TxnRecord = { type: Opcode.CloseSession, body: { paths: null } };
    const other = new World();
    applyLive(other, bytesOf(txn(create)));
    applyLive(other, bytesOf(txn(close)));
    const treeDigest = BigInt.asIntN(64, other.tree.digest.toBigInt());
    const check = applyLive(world, bytesOf(txn(close, { version: 2, treeDigest })));
    expect(check).toBe(DigestCheck.Equal);
    expect(world.tree.findPath('/a')).toBe(-1);
  });

  test('that has one is told by its length', () => {
    const world = new World();
    applyLive(world, bytesOf(txn(create)));
    const close: TxnRecord = { type: Opcode.CloseSession, body: { paths: ['/a'] } };
    const check = applyLive(world, bytesOf(txn(close, { version: 2, treeDigest: 0n })));
    expect(check).toBe(DigestCheck.Different);
    expect(world.tree.findPath('/a')).toBe(-1);
  });
});

describe('on a running server', () => {
  const missing: readonly (readonly [string, TxnRecord])[] = [
    ['setData', { type: Opcode.SetData, body: { path: '/x', data: null, version: 1 } }],
    ['setACL', { type: Opcode.SetAcl, body: { path: '/x', acl, version: 1 } }],
    ['create', { ...create, body: { ...create.body, path: '/x/y' } } as TxnRecord],
  ];

  test.each(missing)('%s never misses its node', (_, record) => {
    const world = new World();
    expect(() => applyLive(world, bytesOf(txn(record)))).toThrow(InvariantError);
  });

  test.each(missing)('%s may miss it while a log is replayed', (_, record) => {
    const world = new World();
    const before = dumpTree(world.tree);
    world.replay(txn(record));
    expect(dumpTree(world.tree)).toEqual(before);
  });

  test('a node with children is never removed', () => {
    const world = new World();
    const body = { ...create.body, ephemeral: false } as typeof create.body;
    applyLive(world, bytesOf(txn({ ...create, body } as TxnRecord)));
    applyLive(world, bytesOf(txn({ ...create, body: { ...body, path: '/a/b' } } as TxnRecord)));
    const remove = bytesOf(txn({ type: Opcode.Delete, body: { path: '/a' } }));
    expect(() => applyLive(world, remove)).toThrow(InvariantError);
  });

  test('an unknown type stops it', () => {
    const bytes = bytesOf(txn(create));
    new DataView(bytes.buffer).setInt32(28, 99);
    expect(() => applyLive(new World(), bytes)).toThrow(InvariantError);
  });

  test('an error says what its author is told', () => {
    const world = new World();
    applyLive(world, bytesOf(txn({ type: Opcode.Error, body: { err: -110 } })));
    expect(world.application.error).toBe(-110);
    applyLive(world, bytesOf(txn(create)));
    expect(world.application.error).toBe(0);
  });
});

test('a log of before 3.4 has creates without a counter', () => {
  const world = new World();
  const whole = bytesOf(txn(create));
  applyLive(world, whole.slice(0, whole.length - 4));
  expect(world.tree.findPath('/a')).toBeGreaterThan(0);
  expect(dumpTree(world.tree).get('/')).toContain('cversion=1 ');
  checkBooks(world.tree);
});
