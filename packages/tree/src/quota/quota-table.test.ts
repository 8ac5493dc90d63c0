import { type Acl, encodeUtf8, Opcode } from '@zabra/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Client, World } from '../testing/world.ts';
import { QuotaTable } from './quota-table.ts';

const acl: readonly Acl[] = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];

function create(world: World, me: Client, path: string, text = ''): void {
  world.write(me, Opcode.Create, { path, data: encodeUtf8(text), acl, flags: 0 });
}

function remove(world: World, me: Client, path: string): void {
  world.write(me, Opcode.Delete, { path, version: -1 });
}

function dataAt(world: World, path: string): string | null {
  const row = world.tree.findPath(path);
  return row < 0 ? null : new TextDecoder().decode(world.tree.dataOf(row) ?? undefined);
}

/** Nodes and bytes at and below a path, found by looking at every node. */
function usage(world: World, top: string): { count: number; bytes: number } {
  let count = 0;
  let bytes = 0;
  const visit = (path: string): void => {
    const row = world.tree.findPath(path);
    if (row < 0) return;
    count += 1;
    bytes += world.tree.dataOf(row)?.length ?? 0;
    world.tree.forEachChild(row, (child) => visit(world.tree.pathOf(child)));
  };
  visit(top);
  return { count, bytes };
}

test('what is counted as it changes is what is there', () => {
  const path = fc.constantFrom('/a', '/a/x', '/a/x/y', '/ab', '/b', '/b/é', '/b/z');
  const quota = fc.constantFrom('/a', '/b');
  const step = fc.oneof(
    fc.record({ do: fc.constantFrom('create', 'change', 'delete'), path, length: fc.nat(20) }),
    fc.record({
      do: fc.constantFrom('limit', 'unlimit', 'measure', 'unmeasure'),
      path: quota,
      length: fc.constant(0),
    }),
    fc.record({ do: fc.constant('close'), path, length: fc.constant(0) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const world = new World();
      const me = world.connect('me');
      let guest = world.connect('guest');
      for (const top of ['/a', '/b']) {
        create(world, me, top);
        create(world, me, `/zookeeper/quota${top}`);
      }
      for (const { do: action, path, length } of steps) {
        const below = `/zookeeper/quota${path}`;
        const data = new Uint8Array(length);
        if (action === 'create') {
          world.write(guest, Opcode.Create, { path, data, acl, flags: length % 2 });
        } else if (action === 'change') {
          world.write(me, Opcode.SetData, { path, data: length === 0 ? null : data, version: -1 });
        } else if (action === 'delete') remove(world, me, path);
        else if (action === 'limit') create(world, me, `${below}/zookeeper_limits`, 'count=3');
        else if (action === 'unlimit') remove(world, me, `${below}/zookeeper_limits`);
        else if (action === 'measure') create(world, me, `${below}/zookeeper_stats`);
        else if (action === 'unmeasure') remove(world, me, `${below}/zookeeper_stats`);
        else {
          world.write(guest, Opcode.CloseSession, {});
          guest = world.connect('guest');
        }
      }
      const reports = [...world.quotas.reports()];
      for (const { path, count, bytes } of reports) {
        expect({ path, count, bytes }).toEqual({ path, ...usage(world, path) });
        const stats = dataAt(world, `/zookeeper/quota${path}/zookeeper_stats`);
        if (stats !== null) expect(stats).toBe(`count=${count},bytes=${bytes}`);
      }
      const loaded = new QuotaTable(world.tree, false);
      loaded.reload();
      const byPath = (a: { path: string }, b: { path: string }): number =>
        a.path < b.path ? -1 : 1;
      expect([...loaded.reports()].sort(byPath)).toEqual(reports.sort(byPath));
    }),
  );
});
