/** Appends in, logs out; and every step of the way failing once. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { readLogRecords } from '@zabra/wire';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../testing/faulty-files.ts';
import {
  append,
  namesIn,
  orderAppend,
  pathIn,
  remove,
  snapshot,
  storeUnderTest,
} from '../testing/store-orders.ts';
import {
  Answers,
  createRecovery,
  dispose,
  logOf,
  openStore,
  recordOf,
  settingsFor,
  snapshotOf,
} from '../testing/store-world.ts';
import { FileStore } from './file-store.ts';

async function zxidsIn(path: string): Promise<readonly bigint[]> {
  const bytes = Uint8Array.from(await readFile(path));
  const { records } = readLogRecords(bytes);
  return records.map(({ payload }) => new DataView(payload.slice().buffer).getBigInt64(12));
}

describe('logs', () => {
  test('the first append makes the file and its name safe before it is answered', async () => {
    const world = await storeUnderTest();
    expect(await append(world, 1n)).toBeNull();
    const calls = world.files.calls.filter((call) => !call.startsWith('close'));
    expect(calls.slice(0, 3)).toEqual(['open log.1', 'write log.1', 'syncDirectory version-2']);
    expect(world.files.operations[0]?.mode).toBe('createDurable');
    expect(world.files.operations[1]).toMatchObject({ at: 0, bytes: logOf([1n]) });
    await remove(world);
  });

  test('every later append is one write behind the last', async () => {
    const world = await storeUnderTest({ logPreallocationBytes: 0 });
    await append(world, 1n, 2n, 3n);
    const writes = world.files.operations.filter(({ call }) => call === 'write');
    expect(writes.map(({ at }) => at)).toEqual([0, logOf([1n]).length, logOf([1n, 2n]).length]);
    expect(world.files.calls).toHaveLength(5);
    expect(await readFile(pathIn(world, 'log.1'))).toEqual(Buffer.from(logOf([1n, 2n, 3n])));
    await remove(world);
  });

  test('zeros lie ahead, real and safe, and records grow into them', async () => {
    const world = await storeUnderTest({ logPreallocationBytes: 16_384 });
    const zxids = Array.from({ length: 400 }, (_, i) => BigInt(i) + 1n);
    expect(await append(world, ...zxids)).toBeNull();
    await world.store.close();
    const file = await readFile(pathIn(world, 'log.1'));
    const log = logOf(zxids);
    expect(file.subarray(0, log.length)).toEqual(Buffer.from(log));
    expect(file.length % 4096).toBe(0);
    expect(file.length - log.length).toBeGreaterThan(0);
    expect(file.length - log.length).toBeLessThanOrEqual(32_768);
    expect(world.store.sizes().logBytes).toBe(file.length);
    const ahead = world.files.operations.filter(({ bytes }) => bytes?.every((byte) => byte === 0));
    expect(world.files.calls.filter((call) => call === 'sync log.1')).toHaveLength(ahead.length);
    await rm(world.directory, { recursive: true });
  });

  test('an append waits for zeros that are on their way to its place', async () => {
    const world = await storeUnderTest({ logPreallocationBytes: 8192 });
    await append(world, 1n);
    await world.files.settled();
    world.files.hold();
    const [second, third] = [2n, 3n].map((zxid) => recordOf(zxid, new Uint8Array(9000).fill(5)));
    const { store, answers, files } = world;
    orderAppend(world, 2n, second);
    files.release();
    await answers.of(2);
    files.hold();
    orderAppend(world, 3n, third);
    await new Promise((resolve) => setTimeout(resolve, 20));
    files.release();
    expect(await answers.of(3)).toBeNull();
    await store.close();
    expect(await zxidsIn(pathIn(world, 'log.1'))).toEqual([1n, 2n, 3n]);
    await rm(world.directory, { recursive: true });
  });

  test('a roll and the size limit begin a new log; what was there is never appended to', async () => {
    const world = await storeUnderTest({ logFileBytesMax: 200 });
    await append(world, 1n);
    world.store.perform({ kind: 'roll' });
    world.store.perform({ kind: 'roll' });
    await append(world, 2n, 3n, 4n, 5n);
    await world.store.close();
    expect(await namesIn(world)).toEqual(['log.1', 'log.2', 'log.4']);
    await writeFile(pathIn(world, 'snapshot.0'), snapshotOf([]));
    const again = await openStore(world.directory);
    expect(again.database.lastZxid).toBe(5n);
    expect(await append(again, 6n)).toBeNull();
    await again.store.close();
    expect(await zxidsIn(pathIn(world, 'log.4'))).toEqual([4n, 5n]);
    expect(await zxidsIn(pathIn(world, 'log.6'))).toEqual([6n]);
    await rm(world.directory, { recursive: true });
  });

  test('without forceSync nothing is synced', async () => {
    const world = await storeUnderTest({ forceSync: false });
    await append(world, 1n, 2n);
    await world.store.close();
    expect(world.files.operations[0]?.mode).toBe('create');
    expect(world.files.calls.filter((call) => /sync/i.test(call))).toEqual([]);
    await rm(world.directory, { recursive: true });
  });

  test('a slow write is told of', async () => {
    const world = await storeUnderTest({ fsyncWarningMs: 30, logPreallocationBytes: 0 });
    await append(world, 1n);
    // The disk of this machine may be slow by itself.
    const before = world.answers.slow.length;
    world.files.hold();
    setTimeout(() => world.files.release(), 50);
    await append(world, 2n);
    expect(world.answers.slow.length).toBe(before + 1);
    expect(world.answers.slow.at(-1)).toBeGreaterThanOrEqual(30);
    await remove(world);
  });

  test('an order returns at once and is answered later', async () => {
    const world = await storeUnderTest();
    orderAppend(world, 1n);
    expect(world.answers.done).toEqual([]);
    await world.store.close();
    expect(world.answers.done).toEqual([1]);
    expect(await append(world, 2n)).toContain('closed');
    await rm(world.directory, { recursive: true });
  });
});

describe('a log that cannot be written', () => {
  const faults: readonly [string, Fault, RegExp][] = [
    ['it cannot be made', { call: 'open', errno: 'EMFILE' }, /too many open files \(EMFILE\)/],
    ['its first write fails', { call: 'write', errno: 'EIO' }, /input\/output error \(EIO\)/],
    ['its name is not safe', { call: 'syncDirectory', errno: 'EIO' }, /\(EIO\)/],
    ['a later write fails', { call: 'write', skip: 2, errno: 'EROFS' }, /read-only file system/],
    ['the disk is full', { call: 'write', skip: 2, errno: 'ENOSPC' }, /no space left on device/],
    ['the quota is used up', { call: 'write', skip: 2, errno: 'EDQUOT' }, /quota exceeded/],
    ['a write is cut short', { call: 'write', skip: 2, errno: 'short' }, /only \d+ of \d+ bytes/],
    ['zeros cannot be laid', { call: 'write', skip: 1, errno: 'ENOSPC' }, /no space left/],
    ['zeros cannot be synced', { call: 'sync', errno: 'EIO' }, /\(EIO\)/],
    ['the file for zeros is gone', { call: 'open', skip: 1, errno: 'ENOENT' }, /\(ENOENT\)/],
  ];

  test.each(faults)('%s: it is said, and nothing is written any more', async (_, fault, reason) => {
    // One stretch of zeros that is never enough for the next record, so that appends meet it.
    const world = await storeUnderTest({ logPreallocationBytes: 4096 });
    world.files.fail({ ...fault, name: /log|version/ });
    let failedAt = 0n;
    for (let zxid = 1n; zxid < 60n && failedAt === 0n; zxid += 1n) {
      if ((await append(world, zxid)) !== null) failedAt = zxid;
    }
    const sentence = world.answers.failed.get(Number(failedAt)) ?? '';
    expect(sentence).toMatch(/^The transaction log .*version-2\/log\.1 cannot be written: /);
    expect(sentence).toMatch(reason);
    expect(sentence).toMatch(/nothing is tried again\. .*, then start the server again\.$/);
    world.files.heal();
    const before = world.files.operations.length;
    expect(await append(world, failedAt + 1n)).toBe(sentence);
    expect(new Set(await snapshot(world, 1n))).toEqual(new Set([sentence]));
    expect(world.files.operations).toHaveLength(before);
    await world.store.close();
    // Whatever was acknowledged is there after a restart.
    await writeFile(pathIn(world, 'snapshot.0'), snapshotOf([]));
    const again = await openStore(world.directory);
    expect(again.database.lastZxid).toBeGreaterThanOrEqual(failedAt - 1n);
    await dispose(again, world.directory);
  });
});

test('a store that never opened closes, and has no sizes', async () => {
  const store = new FileStore(settingsFor('/nowhere'), new Answers(), createRecovery);
  expect(store.sizes()).toEqual({ snapshotBytes: 0, logBytes: 0 });
  await store.close();
});
