import { expect, test } from 'vitest';
import { createFreshTree } from './fresh-tree.ts';
import { checkBooks, dumpModel, dumpTree } from './testing/dump.ts';
import { freshModel } from './testing/model.ts';
import { HASH_KEY } from './testing/world.ts';

const tree = createFreshTree({ hashKey: HASH_KEY, extendedTypes: false });

test('it has the nodes and Stats of a new ZooKeeper server', () => {
  expect(dumpTree(tree)).toEqual(dumpModel(freshModel(), false));
  expect([...dumpTree(tree).keys()].sort()).toEqual([
    '/',
    '/zookeeper',
    '/zookeeper/config',
    '/zookeeper/quota',
  ]);
});

test('its digest is the one Apache logs', () => {
  expect(tree.digest.toBigInt()).toBe(0x51c6d660n);
  checkBooks(tree);
});

test('it holds one list, for the configuration', () => {
  const lists = [...tree.acls.lists()];
  expect(lists.map(({ key, entries }) => ({ key, entries }))).toEqual([
    { key: 1, entries: [{ permissions: 1, scheme: 'world', id: 'anyone' }] },
  ]);
});

test('the empty path is the root', () => {
  expect(tree.findPath('')).toBe(tree.findPath('/'));
});
