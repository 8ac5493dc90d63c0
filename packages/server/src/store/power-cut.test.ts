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

/** Two cuts may leave the same files behind; `torn` is another story only in the middle of a write. */
function nameOf(files: ReadonlyMap<string, Uint8Array>): string {
  const contents = [...files].map(
    ([name, bytes]) => `${name} ${Buffer.from(bytes).toString('base64')}`,
  );
  return contents.toSorted().join();
}

test.each(['none', 'gz'] as const)('snapshots as %s', { timeout: 30_000 }, async (form) => {
  const world = await storeUnderTest({ ...settings, snapshotCompression: form });
  const promised = await live(world);
  const operations = world.files.operations.slice();
  await remove(world);
  const lastZxids = new Map<string, bigint>();
  for (let calls = 0; calls <= operations.length; calls += 1) {
    for (const flavour of FLAVOURS) {
      const files = afterPowerCut(operations.slice(0, calls), flavour);
      const name = nameOf(files);
      const lastZxid = lastZxids.get(name) ?? (await start(files));
      lastZxids.set(name, lastZxid);
      const done = flavour === 'torn' ? calls - 1 : calls;
      const acknowledged = promised.findLast(({ afterCalls }) => afterCalls <= done)?.zxid ?? 0n;
      expect(lastZxid, `${flavour} after ${calls} calls`).toBeGreaterThanOrEqual(acknowledged);
    }
  }
  expect(lastZxids.size).toBeGreaterThan(50);
});

/** Starts on these files; every node of every transaction up to the last must be there. */
async function start(files: ReadonlyMap<string, Uint8Array>): Promise<bigint> {
  const entries = [...files].map(([name, bytes]) => [`version-2/${name}`, bytes] as const);
  const directory = await directoryOf(new Map(entries));
  const opened = await openStore(directory);
  const { tree, lastZxid } = opened.database;
  for (const zxid of upTo(lastZxid)) expect(tree.findPath(`/n${zxid}`)).toBeGreaterThan(0);
  await dispose(opened, directory);
  return lastZxid;
}
