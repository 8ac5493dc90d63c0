/** Snapshots in slices; and every step of the way failing once. */
import { readFile, rm } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../testing/faulty-files.ts';
import {
  append,
  namesIn,
  pathIn,
  remove,
  snapshot,
  storeUnderTest,
} from '../testing/store-orders.ts';
import {
  databaseOf,
  dispose,
  joined,
  openStore,
  slicesOf,
  snapshotOf,
} from '../testing/store-world.ts';

describe('snapshots', () => {
  test('appear under their name when every byte is safe', async () => {
    const world = await storeUnderTest();
    expect(new Set(await snapshot(world, 5n))).toEqual(new Set([null]));
    const calls = world.files.calls.filter((call) => !call.startsWith('write'));
    expect(calls).toEqual([
      'open snapshot.5.tmp',
      'sync snapshot.5.tmp',
      'close snapshot.5.tmp',
      'rename snapshot.5.tmp',
      'syncDirectory version-2',
    ]);
    expect(await namesIn(world)).toEqual(['snapshot.5']);
    const { length } = await readFile(pathIn(world, 'snapshot.5'));
    expect(world.store.sizes().snapshotBytes).toBe(length);
    await remove(world);
  });

  test.each(['none', 'gz', 'snappy'] as const)(
    'are read back (%s)',
    async (snapshotCompression) => {
      const world = await storeUnderTest({ snapshotCompression });
      await snapshot(world, 5n);
      const suffix = snapshotCompression === 'none' ? '' : '.gz';
      const stored = await readFile(pathIn(world, `snapshot.5${suffix}`));
      const plain = suffix === '' ? stored : gunzipSync(stored);
      expect(plain).toEqual(Buffer.from(joined(...slicesOf(databaseOf([]), 5n, 1 << 16))));
      await world.store.close();
      const again = await openStore(world.directory);
      expect(again.database).toMatchObject({ lastZxid: 5n, hasSnapshot: true });
      expect(again.database.tree.digest).toEqual(world.database.tree.digest);
      await dispose(again, world.directory);
    },
  );

  test('go on beside appends', async () => {
    const world = await storeUnderTest();
    const [said, appended] = await Promise.all([snapshot(world, 0n), append(world, 1n, 2n)]);
    expect([...new Set(said), appended]).toEqual([null, null]);
    await world.store.close();
    const again = await openStore(world.directory);
    expect(again.database.lastZxid).toBe(2n);
    await dispose(again, world.directory);
  });

  test('one that is given up leaves nothing behind', async () => {
    const world = await storeUnderTest();
    const bytes = snapshotOf([]);
    world.store.perform({ kind: 'snapshotBegin', zxid: 1n });
    world.store.perform({ kind: 'snapshotSlice', ticket: 1, bytes });
    await snapshot(world, 2n);
    expect(await namesIn(world)).toEqual(['snapshot.2']);
    world.store.perform({ kind: 'snapshotBegin', zxid: 3n });
    world.store.perform({ kind: 'snapshotSlice', ticket: 2, bytes });
    await world.store.close();
    expect(await namesIn(world)).toEqual(['snapshot.2']);
    await rm(world.directory, { recursive: true });
  });

  const faults: readonly [string, Fault][] = [
    ['its file cannot be made', { call: 'open', errno: 'ENOSPC' }],
    ['its first slice cannot be written', { call: 'write', errno: 'ENOSPC' }],
    ['a later slice is cut short', { call: 'write', skip: 2, errno: 'short' }],
    ['it cannot be synced', { call: 'sync', errno: 'EIO' }],
    ['it cannot be closed', { call: 'close', errno: 'EIO' }],
    ['it cannot be named', { call: 'rename', errno: 'EROFS' }],
    ['its name is not safe', { call: 'syncDirectory', errno: 'EIO' }],
  ];

  test.each(faults)('one fails alone: %s (B-46)', async (_, fault) => {
    const world = await storeUnderTest();
    await append(world, 1n);
    await world.files.settled();
    world.files.fail({ ...fault, name: /snapshot|version/ });
    const said = await snapshot(world, 1n);
    expect(said.at(-1)).toMatch(/^The snapshot .*version-2.* cannot be written: .*\. What was/);
    expect(said.slice(said.findIndex((sentence) => sentence !== null))).not.toContain(null);
    expect((await namesIn(world)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(await append(world, 2n)).toBeNull();
    world.files.heal();
    expect(new Set(await snapshot(world, 2n))).toEqual(new Set([null]));
    expect(await namesIn(world)).toContain('snapshot.2');
    await remove(world);
  });
});
