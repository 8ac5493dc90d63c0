import { type Acl, encodeUtf8, Opcode } from '@zabra/wire';
import { describe, expect, test } from 'vitest';
import { Place } from './pending.ts';
import { Field } from './record.ts';
import { checkBooks } from './testing/dump.ts';
import { type Client, World } from './testing/world.ts';

const acl: readonly Acl[] = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];

function propose(world: World, me: Client, path: string): void {
  world.propose(me, Opcode.Create, { path, data: encodeUtf8(path), acl, flags: 0 });
}

function locate(world: World, path: string): Place {
  const bytes = encodeUtf8(path);
  const place = new Place();
  world.pending.locate(place, bytes, new DataView(bytes.buffer, bytes.byteOffset), 0, bytes.length);
  return place;
}

test('it grows with what is in flight and shrinks with what is applied', () => {
  const world = new World();
  const me = world.connect('me');
  for (let i = 0; i < 500; i += 1) propose(world, me, `/node-${i}`);
  // The root changes with each of them.
  expect(world.pending.size).toBe(501);
  for (let i = 0; i < 500; i += 1) {
    expect(locate(world, `/node-${i}`).node).not.toBeNull();
    world.applyNext();
    expect(locate(world, `/node-${i}`).node).toBeNull();
    expect(locate(world, `/node-${i}`).exists).toBe(true);
    expect(world.pending.size).toBe(i === 499 ? 0 : 500 - i);
  }
  checkBooks(world.tree);
});

test('it keeps a node until the last write that touched it is applied', () => {
  const world = new World();
  const me = world.connect('me');
  propose(world, me, '/a');
  world.propose(me, Opcode.SetData, { path: '/a', data: null, version: 0 });
  propose(world, me, '/b');
  world.propose(me, Opcode.SetData, { path: '/a', data: null, version: 1 });
  world.applyNext();
  world.applyNext();
  expect(locate(world, '/a').field(Field.Version)).toBe(2);
  world.applyNext();
  expect(locate(world, '/b').node).toBeNull();
  expect(locate(world, '/a').node).not.toBeNull();
  world.applyNext();
  expect(locate(world, '/a').node).toBeNull();
  expect(locate(world, '/a').field(Field.Version)).toBe(2);
});

test('many rounds of writes in flight leave nothing behind', () => {
  const world = new World();
  const me = world.connect('me');
  for (let round = 0; round < 50; round += 1) {
    const count = 1 + ((round * 7) % 40);
    for (let i = 0; i < count; i += 1) propose(world, me, `/r${round}-${i}`);
    world.applyAll();
    expect(world.pending.size).toBe(0);
    for (let i = 0; i < count; i += 1) {
      world.propose(me, Opcode.Delete, { path: `/r${round}-${i}`, version: -1 });
    }
    world.applyAll();
  }
  checkBooks(world.tree);
});

describe('zxids whose lower half is past the middle', () => {
  test('are released in order', () => {
    const world = new World();
    const me = world.connect('me');
    world.zxid = 0x1_7fff_fffen;
    for (let i = 0; i < 5; i += 1) propose(world, me, `/a${i}`);
    for (let left = 4; left >= 0; left -= 1) {
      world.applyNext();
      expect(world.pending.size).toBe(left === 0 ? 0 : left + 1);
    }
    world.zxid = 0x1_ffff_fffdn;
    for (let i = 5; i < 9; i += 1) propose(world, me, `/a${i}`);
    world.applyAll();
    expect(world.zxid).toBe(0x2_0000_0001n);
    checkBooks(world.tree);
    const pzxid = locate(world, '/').view.getBigInt64(locate(world, '/').at + Field.Pzxid);
    expect(pzxid).toBe(0x2_0000_0001n);
  });
});
