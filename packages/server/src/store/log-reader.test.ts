/** Logs as they may lie on a disk, read for another server. */
import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { ensembleOfThree, Reading } from '../testing/member-orders.ts';
import { append, storeUnderTest } from '../testing/store-orders.ts';
import {
  directoryOf,
  dispose,
  logOf,
  openStore,
  recordOf,
  snapshotOf,
} from '../testing/store-world.ts';

const settings = { ensemble: ensembleOfThree() };
const zeros = new Uint8Array(100_000);
const half = recordOf(4n).subarray(0, 40);

const cases: readonly [why: string, logs: Readonly<Record<string, Uint8Array>>][] = [
  ['one behind the other', { 'log.1': logOf([1n, 2n, 3n]), 'log.4': logOf([4n, 5n]) }],
  ['with zeros ahead', { 'log.1': logOf([1n, 2n, 3n], zeros), 'log.4': logOf([4n, 5n], zeros) }],
  ['with half a record', { 'log.1': logOf([1n, 2n, 3n], half), 'log.4': logOf([4n, 5n]) }],
  ['in one', { 'log.1': logOf([1n, 2n, 3n, 4n, 5n]) }],
  ['each in its own', { 'log.1': logOf([1n, 2n]), 'log.3': logOf([3n]), 'log.4': logOf([4n, 5n]) }],
];

test.each(cases)('%s', async (_, logs) => {
  const files = Object.entries(logs).map(([name, log]) => [`version-2/${name}`, log] as const);
  const contents = new Map([['version-2/snapshot.0', snapshotOf([])] as const, ...files]);
  const directory = await directoryOf(contents);
  const opened = await openStore(directory, settings);
  for (const byteCount of [1, 13, 64, 1000, 1 << 20]) {
    for (const from of [0n, 1n, 2n, 3n, 4n, 5n, 9n]) {
      const reading = new Reading(opened, byteCount * 10 + Number(from), from);
      const zxids = await reading.rest(byteCount);
      expect(zxids.at(-1)).toBe(5n);
      const first = zxids[0]!;
      expect(first).toBeLessThanOrEqual(from === 0n ? 1n : from);
      expect(zxids).toEqual([1n, 2n, 3n, 4n, 5n].filter((zxid) => zxid >= first));
      reading.close();
    }
  }
  await dispose(opened, directory);
});

test('nothing is read that is not safe yet', async () => {
  const world = await storeUnderTest({ ...settings, logPreallocationBytes: 0 });
  await append(world, 1n, 2n);
  const reading = new Reading(world, 1, 0n);
  world.files.hold();
  const third = append(world, 3n);
  expect(await reading.rest(1000)).toEqual([1n, 2n]);
  const reads = world.files.operations.filter(({ call }) => call === 'read');
  expect(reads).toHaveLength(1);
  world.files.release();
  await third;
  expect(await reading.rest(1000)).toEqual([1n, 2n, 3n]);
  await world.store.close();
  // What was opened for a reader is closed with the store.
  const { calls } = world.files;
  const count = (call: string): number => calls.filter((one) => one === `${call} log.1`).length;
  expect(count('open')).toBe(count('close'));
  await rm(world.directory, { recursive: true });
});
