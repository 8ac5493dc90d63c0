/** Every call of what a member asks of its disk failing once: it is said, and nothing goes on. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../testing/faulty-files.ts';
import {
  cut,
  duty,
  ensembleOfThree,
  membersAt,
  nodesIn,
  Reading,
  rebuilt,
} from '../testing/member-orders.ts';
import {
  append,
  namesIn,
  orderAppend,
  remove,
  type StoreUnderTest,
  snapshot,
  storeUnderTest,
} from '../testing/store-orders.ts';
import {
  databaseOf,
  dispose,
  joined,
  openStore,
  recordOf,
  temporaryDirectory,
} from '../testing/store-world.ts';

const settings = { ensemble: ensembleOfThree(), logPreallocationBytes: 4096 };

/** Snapshots at 0 and 5, logs from 1, 4 and 6 on. */
async function member(): Promise<StoreUnderTest> {
  const world = await storeUnderTest(settings);
  await snapshot(world, 0n);
  await append(world, 1n, 2n, 3n);
  world.store.perform({ kind: 'roll' });
  await append(world, 4n, 5n);
  await snapshot(world, 5n, databaseOf([1n, 2n, 3n, 4n, 5n]));
  world.store.perform({ kind: 'roll' });
  await append(world, 6n, 7n);
  await world.files.settled();
  return world;
}

/** Nothing is written any more, and a restart finds a first part of what there was. */
async function expectEnded(world: StoreUnderTest, sentence: string): Promise<void> {
  world.files.heal();
  const before = world.files.operations.length;
  expect(await append(world, 8n)).toBe(sentence);
  expect(await duty(world, { kind: 'storeEpoch', name: 'current', epoch: 9 })).toBe(sentence);
  expect(world.files.operations).toHaveLength(before);
  await world.store.close();
  const again = await openStore(world.directory, settings);
  const last = again.database.lastZxid;
  expect(nodesIn(again.database, 9n)).toEqual(
    Array.from({ length: Number(last) }, (_, i) => BigInt(i) + 1n),
  );
  await dispose(again, world.directory);
}

describe('a cut that fails (B-20)', () => {
  const faults: readonly [string, Fault, RegExp][] = [
    ['a snapshot cannot be looked at', { call: 'open', name: /snap/, errno: 'EACCES' }, /EACCES/],
    ['a snapshot cannot be removed', { call: 'remove', name: /snap/, errno: 'EROFS' }, /EROFS/],
    ['its removal is not safe', { call: 'syncDirectory', errno: 'EIO' }, /\(EIO\)/],
    ['a log cannot be removed', { call: 'remove', name: /log\.6/, errno: 'EPERM' }, /EPERM/],
    ['the next cannot', { call: 'remove', name: /log\.4/, errno: 'EIO' }, /EIO/],
    ['a removal is not safe', { call: 'syncDirectory', skip: 2, errno: 'EIO' }, /EIO/],
    ['the log cannot be read', { call: 'read', name: /log\.1/, errno: 'EIO' }, /EIO/],
    ['the log cannot be opened', { call: 'open', name: /log\.1/, skip: 1, errno: 'EIO' }, /EIO/],
    ['the log cannot be cut', { call: 'truncate', errno: 'EIO' }, /EIO/],
    ['the cut is not safe', { call: 'sync', name: /log\.1/, errno: 'EIO' }, /EIO/],
  ];

  test.each(faults)('%s', async (_, fault, reason) => {
    const world = await member();
    world.files.fail(fault);
    const sentence = (await cut(world, 2n)) ?? '';
    expect(sentence).toMatch(/^The logs in .*version-2 cannot be cut: /);
    expect(sentence).toMatch(reason);
    expect(sentence).toMatch(/nothing is tried again\. .*, then start the server again\.$/);
    await expectEnded(world, sentence);
  });
});

describe('a cut', () => {
  test('waits for a snapshot that is about to get its name', async () => {
    const world = await member();
    world.files.hold();
    const finished = snapshot(world, 7n, databaseOf([1n, 2n, 3n, 4n, 5n, 6n, 7n]));
    const done = cut(world, 5n);
    await new Promise((resolve) => setTimeout(resolve, 20));
    world.files.release();
    expect(new Set([...(await finished), await done])).toEqual(new Set([null]));
    expect(await namesIn(world)).toEqual(['log.1', 'log.4', 'snapshot.0', 'snapshot.5']);
    await remove(world);
  });

  test('waits for zeros that are on their way into the log', async () => {
    const world = await storeUnderTest(settings);
    await snapshot(world, 0n);
    const bytes = joined(recordOf(1n), recordOf(2n));
    world.store.perform({ kind: 'append', ticket: 2, bytes, firstZxid: 1n, lastZxid: 2n });
    await world.answers.of(2);
    world.files.hold();
    const done = cut(world, 1n);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(world.files.calls).not.toContain('truncate log.1');
    world.files.release();
    expect(await done).toBeNull();
    expect(world.files.calls).toContain('truncate log.1');
    await remove(world);
  });
});

describe('an epoch that cannot be stored', () => {
  const steps = ['open', 'write', 'sync', 'close', 'rename', 'syncDirectory'] as const;

  test.each(steps)('%s fails', async (call) => {
    const world = await member();
    await duty(world, { kind: 'storeEpoch', name: 'current', epoch: 3 });
    world.files.fail({ call, name: /Epoch|version/, errno: 'EIO' });
    const order = { kind: 'storeEpoch', name: 'current', epoch: 4 } as const;
    const sentence = (await duty(world, order)) ?? '';
    expect(sentence).toMatch(/^.*version-2\/currentEpoch cannot be written: .*\(EIO\)\. Nothing/);
    expect(['3', '4']).toContain(
      await readFile(join(world.directory, 'version-2', 'currentEpoch'), 'utf8'),
    );
    await expectEnded(world, sentence);
  });
});

describe('configurations', () => {
  test('are kept beside zoo.cfg', async () => {
    const directory = await temporaryDirectory();
    const file = join(directory, 'zoo.cfg');
    await writeFile(file, 'tickTime=2000\nserver.1=host1:2888:3888\n');
    const world = await storeUnderTest({ ensemble: ensembleOfThree(file) });
    const order = { kind: 'storeConfiguration', ensemble: membersAt(5n) } as const;
    expect(await duty(world, { ...order, name: 'next' })).toBeNull();
    expect(await readFile(`${file}.dynamic.next`, 'utf8')).toMatch(/^version=5$/m);
    expect(await duty(world, { ...order, name: 'committed' })).toBeNull();
    expect(await duty(world, { ...order, name: 'next', ensemble: null })).toBeNull();
    expect(await readFile(file, 'utf8')).toContain(`dynamicConfigFile=${file}.dynamic.5`);
    await expect(readFile(`${file}.dynamic.next`)).rejects.toThrow('ENOENT');
    world.files.fail({ call: 'rename', errno: 'EROFS' });
    const sentence = await duty(world, { ...order, name: 'next' });
    expect(sentence).toMatch(/^The new list of members cannot be written: .*\(EROFS\)\. Nothing/);
    await remove(world);
    await rm(directory, { recursive: true });
  });
});

describe('what is read again', () => {
  test('is refused where it cannot be trusted any more', async () => {
    const world = await member();
    world.files.fail({ call: 'read', name: /log/, errno: 'EIO', times: 10 });
    await expect(rebuilt(world)).rejects.toThrow(/log\.4 cannot be trusted: it cannot be read/);
    await remove(world);
  });

  test('is all there is, and the server lives on meanwhile', async () => {
    const world = await member();
    const large = new Uint8Array(64 * 1024);
    const last = 40n;
    for (let zxid = 8n; zxid <= last; zxid += 1n) {
      orderAppend(world, zxid, recordOf(zxid, large));
      await world.answers.of(Number(zxid));
    }
    let turns = 0;
    const count = (): void => {
      turns += 1;
      timer = setImmediate(count);
    };
    let timer = setImmediate(count);
    const database = await rebuilt(world);
    clearImmediate(timer);
    expect(nodesIn(database, last)).toHaveLength(Number(last));
    expect(turns).toBeGreaterThanOrEqual(Number(last) - 8);
    await remove(world);
  });
});

describe('a log that another server reads', () => {
  test('is gone for it where it cannot be read, and only for it', async () => {
    const world = await member();
    const reading = new Reading(world, 1, 0n);
    world.files.fail({ call: 'read', name: /log\.1/, errno: 'EIO' });
    await reading.rest(100);
    expect(reading.end).toBe('gone');
    expect(world.answers.notices.at(-1)).toMatch(
      /log\.1 cannot be read for another server: input\/output error \(EIO\)\.$/,
    );
    expect(await append(world, 8n)).toBeNull();
    reading.close();
    const next = new Reading(world, 2, 0n);
    expect((await next.rest(100)).at(-1)).toBe(8n);
    await remove(world);
  });

  test('is gone where it was cut or cleared away', async () => {
    const world = await member();
    const reading = new Reading(world, 1, 4n);
    await reading.pull(20);
    expect(await cut(world, 3n)).toBeNull();
    await reading.rest(100);
    expect(reading.end).toBe('gone');
    expect(await namesIn(world)).toEqual(['log.1', 'snapshot.0']);
    await remove(world);
  });
});
