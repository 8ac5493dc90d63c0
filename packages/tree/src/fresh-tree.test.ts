import { Opcode } from '@zabra/wire';
import { expect, test } from 'vitest';
import { World } from './testing/world.ts';

test('smoke', () => {
  const world = new World();
  expect(world.tree.digest.toBigInt()).toBe(0x51c6d660n);
  const me = world.connect('me');
  const acl = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];
  console.log(world.write(me, Opcode.Create, { path: '/a', data: null, acl, flags: 0 }));
  console.log(world.write(me, Opcode.SetData, { path: '/a', data: new Uint8Array(3), version: 0 }));
  console.log(world.write(me, Opcode.Delete, { path: '/a', version: 1 }));
});
