import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import {
  append,
  namesIn,
  pathIn,
  remove,
  type StoreUnderTest,
  snapshot,
  storeUnderTest,
} from '../testing/store-orders.ts';
import { dispose, openStore } from '../testing/store-world.ts';

describe('purging', () => {
  async function populated(): Promise<StoreUnderTest> {
    const world = await storeUnderTest({ snapshotsRetained: 3 });
    await append(world, 1n, 2n, 3n);
    await snapshot(world, 2n);
    world.store.perform({ kind: 'roll' });
    await append(world, 4n, 5n);
    await snapshot(world, 4n);
    world.store.perform({ kind: 'roll' });
    await append(world, 6n, 7n, 8n);
    for (const zxid of [6n, 7n, 8n]) await snapshot(world, zxid);
    return world;
  }

  test('keeps the newest snapshots and every log they need (B-22)', async () => {
    const world = await populated();
    const gone = ['snapshot.2', 'snapshot.4', 'log.1', 'log.4'].map((name) => pathIn(world, name));
    expect(await world.store.purge()).toEqual(gone);
    const kept = ['log.6', 'snapshot.6', 'snapshot.7', 'snapshot.8'];
    expect(await namesIn(world)).toEqual(kept);
    expect(await world.store.purge()).toEqual([]);
    const lengths = await Promise.all(
      kept.map(async (name) => (await readFile(pathIn(world, name))).length),
    );
    const { snapshotBytes, logBytes } = world.store.sizes();
    expect(snapshotBytes + logBytes).toBe(lengths.reduce((sum, length) => sum + length));
    await remove(world);
  });

  test('a snapshot that is not whole keeps nothing from being kept (B-21)', async () => {
    const world = await populated();
    for (const name of ['snapshot.7', 'snapshot.8']) await writeFile(pathIn(world, name), '');
    await world.store.close();
    const again = await openStore(world.directory, { snapshotsRetained: 3 });
    expect(await again.store.purge()).toEqual([]);
    expect(await namesIn(world)).toContain('log.1');
    await dispose(again, world.directory);
  });

  test('where it fails, what is left stays and an operator hears of it', async () => {
    const world = await populated();
    world.files.fail({ call: 'remove', skip: 1, errno: 'EROFS' });
    expect(await world.store.purge()).toEqual([pathIn(world, 'snapshot.2')]);
    expect(world.answers.notices.at(-1)).toMatch(/stay where they are: read-only file system/);
    expect(await namesIn(world)).toContain('snapshot.4');
    await remove(world);
  });

  test('without a single snapshot nothing goes', async () => {
    const world = await storeUnderTest();
    await append(world, 1n);
    world.store.perform({ kind: 'roll' });
    await append(world, 2n);
    expect(await world.store.purge()).toEqual([]);
    await remove(world);
  });
});
