/**
 * Snapshots as Apache writes them: node after node while transactions go on, each node as it is when
 * its turn comes. With the log from their start they must lead to the very tree.
 */
import {
  type Acl,
  asSessionId,
  asZxid,
  encodeSnapshot,
  JuteWriter,
  Opcode,
  type Snapshot,
  type SnapshotNode,
} from '@zabra/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitraryWrite, openAcl } from '../../../tests/support/arbitrary-writes.ts';
import { Field } from './record.ts';
import { SessionTable } from './sessions/session-table.ts';
import { SnapshotReader } from './snapshot/snapshot-reader.ts';
import { checkBooks, dumpTree } from './testing/dump.ts';
import type { ModelWrite } from './testing/model.ts';
import { Scene } from './testing/scene.ts';
import { HASH_KEY, World } from './testing/world.ts';
import { Tree } from './tree.ts';

/** A node as it stands on disk. */
function snapshotNode(tree: Tree, row: number): SnapshotNode {
  const long = (field: number): bigint => tree.viewOf(row).getBigInt64(tree.offsetOf(row) + field);
  const path = tree.pathOf(row);
  return {
    path: path === '/' ? '' : path,
    data: tree.dataOf(row),
    aclKey: BigInt(tree.field(row, Field.AclKey)),
    stat: {
      czxid: asZxid(long(Field.Czxid)),
      mzxid: asZxid(long(Field.Mzxid)),
      ctime: long(Field.Ctime),
      mtime: long(Field.Mtime),
      version: tree.field(row, Field.Version),
      cversion: tree.field(row, Field.Cversion),
      aversion: tree.field(row, Field.Aversion),
      ephemeralOwner: long(Field.Owner),
      pzxid: asZxid(long(Field.Pzxid)),
    },
  };
}

/** The walk of Apache's writer: a node's children are those it had when it was written. */
function* fuzzyWalk(tree: Tree, path = '/'): Generator<SnapshotNode> {
  const row = tree.findPath(path);
  if (row < 0) return;
  const children: string[] = [];
  tree.forEachChild(row, (child) => children.push(tree.pathOf(child)));
  yield snapshotNode(tree, row);
  for (const child of children) yield* fuzzyWalk(tree, child);
}

function aclsOf(tree: Tree): Snapshot['acls'] {
  return [...tree.acls.lists()].map(({ key, entries }) => ({
    key: BigInt(key),
    acl: entries.map(
      ({ permissions, scheme, id }): Acl => ({ perms: permissions, id: { scheme, id } }),
    ),
  }));
}

function load(snapshot: Snapshot): World {
  const writer = new JuteWriter();
  encodeSnapshot(writer, snapshot);
  const tree = new Tree({ hashKey: HASH_KEY, extendedTypes: true });
  const reader = new SnapshotReader(tree, new SessionTable(2000), 1 << 20);
  expect(reader.push(writer.finish())).toBeNull();
  expect(typeof reader.finish()).not.toBe('string');
  return new World({ extendedTypes: true }, tree);
}

/** The same two nodes come and go, with lists of their own. */
const churn: fc.Arbitrary<ModelWrite> = fc
  .tuple(fc.constantFrom('/é', '/é/a', '/é/a/a'), fc.nat(9), fc.nat(3))
  .map(([path, action, n]) => {
    const acl = n < 2 ? openAcl : [...openAcl, { perms: n, id: { scheme: 'digest', id: 'a:b' } }];
    if (action < 4) return { type: Opcode.Delete, body: { path, version: -1 } };
    if (action < 5) return { type: Opcode.SetData, body: { path, data: null, version: -1 } };
    if (action < 6) return { type: Opcode.SetAcl, body: { path, acl, version: -1 } };
    return { type: Opcode.Create, body: { path, data: Uint8Array.of(n), acl, flags: 0 } };
  });

const write = fc.record({
  who: fc.nat(2),
  write: fc.oneof(
    { weight: 20, arbitrary: arbitraryWrite },
    { weight: 20, arbitrary: churn },
    { weight: 1, arbitrary: fc.constant(null) },
  ),
  /** How many nodes are written before it. */
  nodes: fc.constantFrom(0, 0, 1),
});

test('a snapshot out of many moments and its log are one tree (B-33, B-34)', () => {
  const writes = fc.array(write, { maxLength: 50, size: 'max' });
  fc.assert(
    fc.property(fc.array(write, { maxLength: 10 }), writes, (before, during) => {
      const scene = new Scene();
      const { world } = scene;
      for (const { who, write } of before) scene.propose(who, write);
      world.applyAll();
      const sessions = [...world.sessions.all()].map(({ high, low, timeoutMs }) => ({
        id: asSessionId((BigInt(high) << 32n) | BigInt(low >>> 0)),
        timeoutMs,
      }));
      const acls = aclsOf(world.tree);
      const nodes: SnapshotNode[] = [];
      const log: Uint8Array[] = [];
      const walk = fuzzyWalk(world.tree);
      for (const step of during) {
        for (let i = 0; i < step.nodes; i += 1) {
          const next = walk.next();
          if (next.done !== true) nodes.push(next.value);
        }
        const { zxid } = world;
        scene.propose(step.who, step.write);
        if (world.zxid > zxid) log.push(world.lastTransaction);
        world.applyAll();
      }
      nodes.push(...walk);

      const loaded = load({ sessions, acls, nodes, digest: null, lastZxid: null });
      for (const txn of log) loaded.replayBytes(txn);
      expect(dumpTree(loaded.tree)).toEqual(dumpTree(world.tree));
      checkBooks(loaded.tree);
    }),
    { numRuns: 100 },
  );
});

test('replaying a log twice is replaying it once', () => {
  const writes = fc.array(write, { maxLength: 50, size: 'max' });
  fc.assert(
    fc.property(writes, fc.nat(50), (steps, from) => {
      const scene = new Scene();
      const { world } = scene;
      const log: Uint8Array[] = [];
      for (const { who, write } of steps) {
        const { zxid } = world;
        scene.propose(who, write);
        if (world.zxid > zxid) log.push(world.lastTransaction);
        world.applyAll();
      }
      const expected = dumpTree(world.tree);
      for (const txn of log.slice(from)) world.replayBytes(txn);
      expect(dumpTree(world.tree)).toEqual(expected);
      checkBooks(world.tree);
    }),
    { numRuns: 100 },
  );
});
