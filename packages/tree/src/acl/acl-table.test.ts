import { JuteReader } from '@zabra/wire';
import { describe, expect, test } from 'vitest';
import { encodeAclEntries, readAclEntries } from './acl-list.ts';
import { AclTable, isOpenAcl, OPEN_ACL, OPEN_ACL_KEY } from './acl-table.ts';
import { Identities } from './identity.ts';

const readable = encodeAclEntries([{ permissions: 1, scheme: 'world', id: 'anyone' }]);
const bobs = encodeAclEntries([{ permissions: 31, scheme: 'digest', id: 'bob:hash' }]);
const nobody = new Identities([]);

function intern(table: AclTable, encoded: Uint8Array): number {
  const key = table.intern(encoded, 0, encoded.length);
  table.retain(key);
  return key;
}

test('each list is kept once, under keys that only grow', () => {
  const table = new AclTable();
  expect(intern(table, readable)).toBe(1);
  expect(intern(table, bobs)).toBe(2);
  expect(intern(table, readable)).toBe(1);
  expect(table.of(2).entries).toEqual([{ permissions: 31, scheme: 'digest', id: 'bob:hash' }]);
  table.release(2);
  expect(table.has(2)).toBe(false);
  expect(intern(table, bobs)).toBe(3);
  expect(table.size).toBe(2);
  table.release(1);
  expect(table.has(1)).toBe(true);
  table.release(1);
  expect(table.has(1)).toBe(false);
});

test('an open list that was asked for has a key like any other', () => {
  const table = new AclTable();
  expect(intern(table, OPEN_ACL)).toBe(1);
  expect(intern(table, OPEN_ACL.slice())).toBe(1);
  table.release(1);
  table.release(1);
  expect(table.has(1)).toBe(false);
  expect(intern(table, OPEN_ACL)).toBe(2);
});

test('the key of nodes that were never given a list is always known and never counted', () => {
  const table = new AclTable();
  expect(table.has(OPEN_ACL_KEY)).toBe(true);
  expect(table.of(OPEN_ACL_KEY).permits(31, nobody)).toBe(true);
  table.retain(OPEN_ACL_KEY);
  table.release(OPEN_ACL_KEY);
  expect(table.size).toBe(0);
});

test('a null list is that of nodes that were never given one', () => {
  const table = new AclTable();
  expect(intern(table, Uint8Array.of(255, 255, 255, 255))).toBe(OPEN_ACL_KEY);
  expect(table.size).toBe(0);
});

test('lists of a snapshot keep their keys, and new ones lie above all that nodes use', () => {
  const table = new AclTable();
  table.restore(5, readable);
  table.restore(9, OPEN_ACL);
  table.reserveKey(20);
  expect(intern(table, readable)).toBe(5);
  expect(intern(table, OPEN_ACL)).toBe(9);
  expect(intern(table, bobs)).toBe(21);
  table.restore(30, encodeAclEntries([]));
  table.dropUnused();
  expect([...table.lists()].map((list) => list.key)).toEqual([5, 9, 21]);
});

test('order and repetitions tell lists apart', () => {
  const a = { permissions: 1, scheme: 'ip', id: '10.0.0.1' };
  const b = { permissions: 2, scheme: 'ip', id: '10.0.0.1' };
  const table = new AclTable();
  const keys = [[a, b], [b, a], [a], [a, a]].map((list) => intern(table, encodeAclEntries(list)));
  expect(keys).toEqual([1, 2, 3, 4]);
});

describe('entries as bytes', () => {
  test('a null scheme or id reads as empty', () => {
    const bytes = Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 7, 255, 255, 255, 255, 255, 255, 255, 255);
    expect(readAclEntries(JuteReader.over(bytes))).toEqual([
      { permissions: 7, scheme: '', id: '' },
    ]);
  });

  test('a null list is no list', () => {
    expect(readAclEntries(JuteReader.over(Uint8Array.of(255, 255, 255, 255)))).toBeNull();
  });

  test('only the exact open list is the open list', () => {
    expect(isOpenAcl(OPEN_ACL, 0, OPEN_ACL.length)).toBe(true);
    expect(isOpenAcl(readable, 0, readable.length)).toBe(false);
    expect(isOpenAcl(OPEN_ACL, 0, OPEN_ACL.length - 1)).toBe(false);
  });
});
