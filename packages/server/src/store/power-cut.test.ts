/**
 * The power is cut before every single call of a server's life, and in the middle of every write:
 * each time the directory starts, and everything that was acknowledged is there.
 */
import { expect, test } from 'vitest';
import type { ServerSettings } from '../config/settings.ts';
import { afterPowerCut, type Flavour } from '../testing/power-cut.ts';
import {
  append,
  remove,
  type StoreUnderTest,
  snapshot,
  storeUnderTest,
} from '../testing/store-orders.ts';
import { databaseOf, directoryOf, dispose, openStore } from '../testing/store-world.ts';

const FLAVOURS: readonly Flavour[] = ['kept', 'lost', 'torn'];

/** After so many calls, a client had been told of this transaction. */
interface Promised {
  readonly afterCalls: number;
  readonly zxid: bigint;
}

function upTo(zxid: bigint): readonly bigint[] {
  return Array.from({ length: Number(zxid) }, (_, i) => BigInt(i) + 1n);
}

/** A short life with everything in it; what was acknowledged in it, and when. */
async function live(world: StoreUnderTest): Promise<readonly Promised[]> {
  const promised: Promised[] = [];
  const write = async (...zxids: readonly bigint[]): Promise<void> => {
    for (const zxid of zxids) {
      expect(await append(world, zxid)).toBeNull();
      promised.push({ afterCalls: world.files.operations.length, zxid });
    }
  };
  await snapshot(world, 0n, databaseOf([]));
  await write(1n, 2n, 3n);
  for (const zxid of [3n, 6n, 9n, 12n]) {
    world.store.perform({ kind: 'roll' });
    const done = snapshot(world, zxid, databaseOf(upTo(zxid)));
    await write(zxid + 1n, zxid + 2n, zxid + 3n);
    await done;
  }
  await world.store.purge();
  await write(16n);
  return promised;
}

const settings: Partial<ServerSettings> = { logPreallocationBytes: 8192, snapshotsRetained: 3 };

test.each(['none', 'gz'] as const)('snapshots as %s', async (snapshotCompression) => {
  const world = await storeUnderTest({ ...settings, snapshotCompression });
  const promised = await live(world);
  const operations = world.files.operations.slice();
  await remove(world);
  for (let calls = 0; calls <= operations.length; calls += 1) {
    for (const flavour of FLAVOURS) {
      const done = flavour === 'torn' ? calls - 1 : calls;
      const acknowledged = promised.findLast(({ afterCalls }) => afterCalls <= done)?.zxid ?? 0n;
      const files = afterPowerCut(operations.slice(0, calls), flavour);
      const directory = await directoryOf(
        new Map([...files].map(([name, bytes]) => [`version-2/${name}`, bytes])),
      );
      const opened = await openStore(directory);
      const { tree, lastZxid } = opened.database;
      expect(lastZxid, `${flavour} after ${calls} calls`).toBeGreaterThanOrEqual(acknowledged);
      for (const zxid of upTo(lastZxid)) expect(tree.findPath(`/n${zxid}`)).toBeGreaterThan(0);
      await dispose(opened, directory);
    }
  }
});
