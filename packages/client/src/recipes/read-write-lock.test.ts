import { Opcode } from '@zabra/wire';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { failure, namesBelow, RecipeWorld } from '../testing/recipe-world.ts';
import { OwnershipLostError, ReadWriteLock } from './index.ts';

/** How long may be waited for what takes no time on a quiet machine. */
const SOON = { timeout: 20_000 };
let world: RecipeWorld;

beforeAll(async () => {
  world = await RecipeWorld.start();
});

afterEach(() => world.endTest());

afterAll(() => world.close());

async function lineOf(path: string, count: number): Promise<readonly string[]> {
  const zk = await world.connect();
  await vi.waitFor(async () => expect(await namesBelow(zk, path)).toHaveLength(count), SOON);
  return namesBelow(zk, path);
}

describe.each(['curator', 'kazoo'] as const)('a read-write lock of the layout %s', (layout) => {
  it('lets readers in together, and a writer alone, in the order in which they came', async () => {
    const path = world.freshPath();
    const lock = new ReadWriteLock(await world.connect(), path, { layout });
    const one = await lock.read.acquire();
    const two = await lock.read.acquire();
    const told: string[] = [];
    const writing = lock.write.acquire(SOON).then((held) => {
      told.push('writer');
      return held;
    });
    await lineOf(path, 3);
    const reading = lock.read.acquire(SOON).then((held) => {
      told.push('reader');
      return held;
    });
    await lineOf(path, 4);
    expect(await lock.read.tryAcquire()).toBeNull();
    expect(await lock.write.tryAcquire()).toBeNull();
    await one.release();
    expect(told).toEqual([]);
    await two.release();
    const writer = await writing;
    expect(told).toEqual(['writer']);
    await writer.release();
    await (await reading).release();
    expect(told).toEqual(['writer', 'reader']);
    expect(await lock.write.run(async ({ state }) => state)).toBe('held');
  });

  it('makes a reader of a writer, ahead of writers that wait', async () => {
    const path = world.freshPath();
    const other = await world.connect();
    const lock = new ReadWriteLock(await world.connect(), path, { layout });
    const writer = await lock.write.acquire();
    const later = new ReadWriteLock(other, path, { layout }).write.acquire(SOON);
    await lineOf(path, 2);
    const reader = await writer.downgrade();
    expect([writer.state, reader.state, writer.signal.aborted]).toEqual([
      'released',
      'held',
      false,
    ]);
    expect(await reader.verify()).toBe(true);
    expect(reader.fencingToken).toBeGreaterThan(writer.fencingToken);
    const [kind, digits] = layout === 'curator' ? ['__READ__', 10] : ['__rlock__', 10];
    expect(reader.path.slice(-digits)).toBe(writer.path.slice(-digits));
    expect(reader.path).toContain(kind);
    expect(await lineOf(path, 2)).toContain(reader.path.slice(path.length + 1));
    expect((await lock.read.contenders())[0]!.path).toBe(reader.path);
    await reader.release();
    await (await later).release();
  });

  it('lets a writer read as well, and no reader write', async () => {
    const path = world.freshPath();
    const lock = new ReadWriteLock(await world.connect(), path, { layout });
    const writer = await lock.write.acquire();
    const reader = await lock.read.acquire({ within: writer });
    expect(await failure(writer.downgrade())).toMatchObject({ code: 'BadArguments' });
    await reader.release();
    const alone = await writer.downgrade();
    expect(await failure(lock.write.acquire({ within: alone }))).toMatchObject({
      code: 'BadArguments',
    });
    await (await lock.read.acquire({ within: alone })).release();
    expect(alone.state).toBe('held');
  });
});

describe('a writer that becomes a reader', () => {
  it('does so once, though the answer is lost', async () => {
    const path = world.freshPath();
    const { zk, proxy } = await world.connectByProxy();
    const lock = new ReadWriteLock(zk, path, { lossPolicy: 'lost' });
    const writer = await lock.write.acquire();
    proxy.isTalking = false;
    const downgrading = writer.downgrade();
    await vi.waitFor(async () => expect((await lineOf(path, 1))[0]).toContain('__READ__'), SOON);
    proxy.isTalking = true;
    proxy.cut();
    const reader = await downgrading;
    expect(await reader.verify()).toBe(true);
    expect(await lineOf(path, 1)).toEqual([reader.path.slice(path.length + 1)]);
  });

  it('does so after a request that came to nothing', async () => {
    const path = world.freshPath();
    const { zk, proxy } = await world.connectByProxy();
    const writer = await new ReadWriteLock(zk, path, { lossPolicy: 'lost' }).write.acquire();
    let cuts = 0;
    proxy.judge = (opcode) => {
      if (opcode !== Opcode.Multi || cuts === 1) return null;
      cuts += 1;
      return { answer: null };
    };
    expect(await (await writer.downgrade()).verify()).toBe(true);
    expect(cuts).toBe(1);
  });

  it('is none when its own node is gone, and leaves nothing', async () => {
    const path = world.freshPath();
    const { zk, proxy } = await world.connectByProxy();
    const other = await world.connect();
    const writer = await new ReadWriteLock(zk, path).write.acquire();
    proxy.isTalking = false;
    await other.delete(writer.path);
    const downgrading = failure(writer.downgrade());
    proxy.isTalking = true;
    proxy.cut();
    expect(await downgrading).toBeInstanceOf(OwnershipLostError);
    await lineOf(path, 0);
    expect(writer.state).toBe('lost');
  });
});
