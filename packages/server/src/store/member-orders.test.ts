/** What both stores do for a member, by one table of cases. */
import { rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { cut, duty, ensembleOfThree, nodesIn, Reading, rebuilt } from '../testing/member-orders.ts';
import { type AtWork, append, snapshot } from '../testing/store-orders.ts';
import {
  Answers,
  createRecovery,
  databaseOf,
  openStore,
  temporaryDirectory,
} from '../testing/store-world.ts';
import { MemoryStore } from './memory-store.ts';

const EPOCH = 1n << 32n;

interface World extends AtWork {
  readonly end: () => Promise<void>;
}

const worlds: Readonly<Record<string, () => Promise<World>>> = {
  files: async () => {
    const directory = await temporaryDirectory();
    const { store, answers } = await openStore(directory, { ensemble: ensembleOfThree() });
    const end = async (): Promise<void> => {
      await store.close();
      await rm(directory, { recursive: true });
    };
    return { store, answers, end };
  },
  memory: async () => {
    const answers = new Answers();
    const store = new MemoryStore(answers, createRecovery);
    await store.recover(createRecovery());
    return { store, answers, end: () => store.close() };
  },
};

function roll({ store }: AtWork): void {
  store.perform({ kind: 'roll' });
}

/** A member that has begun, and logged this much in two logs. */
async function begun(world: AtWork, ...zxids: readonly bigint[]): Promise<void> {
  await snapshot(world, 0n);
  const half = zxids.length >> 1;
  await append(world, ...zxids.slice(0, half));
  roll(world);
  await append(world, ...zxids.slice(half));
}

const cases: Readonly<Record<string, (world: World) => Promise<void>>> = {
  'a new member has promised nothing and lacks nothing': async ({ store }) => {
    expect(await store.readMember()).toEqual({
      acceptedEpoch: 0,
      currentEpoch: 0,
      oldestSnapshotZxid: null,
      logFromZxid: 0n,
      isUntrusted: false,
    });
  },

  'a cut leaves what is not above it, and the log goes on from there': async (world) => {
    await begun(world, 1n, 2n, 3n, 4n, 5n, 6n);
    for (const zxid of [5n, 3n, 2n]) {
      expect(await cut(world, zxid)).toBeNull();
      expect((await rebuilt(world)).lastZxid).toBe(zxid);
    }
    expect(await append(world, 3n, EPOCH + 1n)).toBeNull();
    const database = await rebuilt(world);
    expect(database.lastZxid).toBe(EPOCH + 1n);
    expect(nodesIn(database, 6n)).toEqual([1n, 2n, 3n]);
  },

  'a cut above everything changes nothing': async (world) => {
    await begun(world, 1n, 2n);
    expect(await cut(world, EPOCH)).toBeNull();
    expect((await rebuilt(world)).lastZxid).toBe(2n);
  },

  'a snapshot that came is everything, and the log begins behind it': async (world) => {
    await begun(world, 1n, 2n, 3n, 4n);
    expect(await cut(world, EPOCH)).toBeNull();
    const said = await snapshot(world, EPOCH, databaseOf([1n, 2n]));
    expect(new Set(said)).toEqual(new Set([null]));
    expect(nodesIn(await rebuilt(world), 4n)).toEqual([1n, 2n]);
    await append(world, EPOCH + 1n, EPOCH + 2n);
    expect(await cut(world, EPOCH)).toBeNull();
    const database = await rebuilt(world);
    expect(database.lastZxid).toBe(EPOCH);
    expect(nodesIn(database, 4n)).toEqual([1n, 2n]);
  },

  'a snapshot that is not wanted any more comes to nothing': async (world) => {
    await begun(world, 1n, 2n);
    world.store.perform({ kind: 'snapshotBegin', zxid: 2n });
    world.store.perform({ kind: 'snapshotDrop' });
    expect(new Set(await snapshot(world, 1n, databaseOf([1n])))).toEqual(new Set([null]));
    expect((await rebuilt(world)).lastZxid).toBe(2n);
  },

  'a reader is handed the log in pieces, and what is added to it later': async (world) => {
    await begun(world, 1n, 2n, 3n, 4n, 5n, 6n);
    for (const byteCount of [1, 50, 100, 1 << 20]) {
      const reading = new Reading(world, byteCount, 0n);
      expect(await reading.rest(byteCount)).toEqual([1n, 2n, 3n, 4n, 5n, 6n]);
      reading.close();
    }
    const reading = new Reading(world, 7, 5n);
    await reading.rest(100);
    expect(reading.zxids.at(-1)).toBe(6n);
    await append(world, 7n);
    roll(world);
    await append(world, 8n);
    await reading.rest(100);
    expect(reading.zxids.slice(-3)).toEqual([6n, 7n, 8n]);
    // It begins at or below what it was opened for, so that whoever reads sees what is there.
    expect(reading.zxids[0]).toBeLessThanOrEqual(5n);
    reading.close();
  },

  'a reader of what is not there yet is told that it is at the end': async (world) => {
    const reading = new Reading(world, 1, 0n);
    expect(await reading.rest(100)).toEqual([]);
    await begun(world, 1n, 2n);
    expect(await reading.rest(100)).toEqual([1n, 2n]);
    reading.close();
  },

  'readers do not stand in the way of a log that is written': async (world) => {
    await begun(world, 1n, 2n, 3n, 4n);
    const reading = new Reading(world, 1, 0n);
    const [found, said] = await Promise.all([reading.rest(40), append(world, 5n, 6n, 7n)]);
    expect(said).toBeNull();
    expect(found.slice(0, 4)).toEqual([1n, 2n, 3n, 4n]);
    expect(await reading.rest(40)).toEqual([1n, 2n, 3n, 4n, 5n, 6n, 7n]);
    reading.close();
  },

  'a reader that is closed is handed nothing more': async (world) => {
    await begun(world, 1n, 2n);
    const reading = new Reading(world, 1, 0n);
    reading.close();
    world.store.perform({ kind: 'pullLog', reader: 1, byteCount: 100 });
    await append(world, 3n);
    expect(world.answers.pieces).toEqual([]);
  },

  'everything is answered in its order': async (world) => {
    await snapshot(world, 0n);
    world.answers.done = [];
    const all = [
      append(world, 1n),
      duty(world, { kind: 'storeEpoch', name: 'accepted', epoch: 1 }),
      cut(world, 1n),
      duty(world, { kind: 'storeEpoch', name: 'current', epoch: 1 }),
    ];
    expect(await Promise.all(all)).toEqual([null, null, null, null]);
    const { done } = world.answers;
    expect(done).toEqual([1, ...done.slice(1).toSorted((a, b) => a - b)]);
  },
};

describe.each(Object.keys(worlds))('a store in %s', (kind) => {
  test.each(Object.keys(cases))('%s', async (name) => {
    const world = await worlds[kind]!();
    await cases[name]!(world);
    await world.end();
  });
});
