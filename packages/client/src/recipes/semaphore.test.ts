import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { failure, namesBelow, RecipeWorld, reasonOf } from '../testing/recipe-world.ts';
import { OwnershipLostError, Semaphore, SharedCount } from './index.ts';

/** How long may be waited for what takes no time on a quiet machine. */
const SOON = { timeout: 20_000 };
let world: RecipeWorld;

beforeAll(async () => {
  world = await RecipeWorld.start();
});

afterEach(() => world.endTest());

afterAll(() => world.close());

describe.each(['curator', 'kazoo'] as const)('a semaphore of the layout %s', (layout) => {
  it('has so many leases and no more, for who comes first', async () => {
    const path = world.freshPath();
    const zk = await world.connect();
    const semaphore = new Semaphore(zk, path, 2, { layout, data: 'me' });
    const one = await semaphore.acquire();
    const two = await semaphore.acquire();
    expect([one.count, one.state, await one.verify()]).toEqual([1, 'held', true]);
    expect(await semaphore.tryAcquire()).toBeNull();
    expect(await failure(semaphore.acquire({ timeout: 50 }))).toMatchObject({
      code: 'RequestTimeout',
    });
    await vi.waitFor(async () => expect(await semaphore.leases()).toHaveLength(2), SOON);
    expect((await semaphore.leases()).map(({ data }) => data.toString())).toEqual(['me', 'me']);
    const third = new Semaphore(await world.connect(), path, 2, { layout }).acquire(SOON);
    await one.release();
    expect((await third).state).toBe('held');
    await two.release();
    await (await third).release();
    await vi.waitFor(async () => expect(await semaphore.leases()).toHaveLength(0), SOON);
  });

  it('gives several at once, all or none', async () => {
    const path = world.freshPath();
    const semaphore = new Semaphore(await world.connect(), path, 3, { layout });
    const two = await semaphore.acquire({ count: 2 });
    expect(await semaphore.leases()).toHaveLength(2);
    expect(await semaphore.tryAcquire({ count: 2 })).toBeNull();
    expect(await semaphore.leases()).toHaveLength(2);
    expect(await failure(semaphore.acquire({ count: 4 }))).toMatchObject({ code: 'BadArguments' });
    const waiting = semaphore.acquire({ count: 3, ...SOON });
    await two.release();
    expect((await waiting).count).toBe(3);
    await (await waiting).release();
    expect(await semaphore.run(async ({ count }) => count)).toBe(1);
  });

  it('loses leases with their session, and others get them', async () => {
    const path = world.freshPath();
    const zk = await world.connect();
    const lease = await new Semaphore(zk, path, 1, { layout }).acquire();
    const waiting = new Semaphore(await world.connect(), path, 1, { layout }).acquire(SOON);
    await world.expire(zk);
    expect(await reasonOf(lease.signal)).toBeInstanceOf(OwnershipLostError);
    expect((await waiting).state).toBe('held');
  });

  it('is waited for in a new session, when the old one has expired', async () => {
    const path = world.freshPath();
    const holder = await world.connect();
    const lease = await new Semaphore(holder, path, 1, { layout }).acquire();
    const zk = await world.connect();
    const waiting = new Semaphore(zk, path, 1, { layout }).acquire(SOON);
    const gate = layout === 'kazoo' ? `${path}-__lock__` : `${path}/locks`;
    await vi.waitFor(async () => expect(await namesBelow(holder, gate)).toHaveLength(1), SOON);
    await world.expire(zk);
    await lease.release();
    expect(await (await waiting).verify()).toBe(true);
  });
});

describe('a semaphore', () => {
  it('may have leases that change', async () => {
    const path = world.freshPath();
    const zk = await world.connect();
    const count = new SharedCount(zk, `${path}-count`, 1);
    const semaphore = new Semaphore(zk, path, count);
    await semaphore.acquire();
    expect((await zk.get(`${path}-count`)).data.toString('hex')).toBe('00000001');
    expect(await semaphore.tryAcquire()).toBeNull();
    const waiting = semaphore.acquire(SOON);
    await count.set(2);
    expect((await waiting).state).toBe('held');
    expect(await count.get()).toBe(2);
  });

  it('of kazoo has its number written down, and refuses another', async () => {
    const path = world.freshPath();
    const zk = await world.connect();
    const lease = await new Semaphore(zk, path, 2, { layout: 'kazoo' }).acquire();
    expect((await zk.get(path)).data.toString()).toBe('2');
    expect(lease.path.slice(path.length)).toMatch(/^\/[0-9a-f]{32}$/);
    const other = new Semaphore(zk, path, 3, { layout: 'kazoo' });
    expect(await failure(other.acquire())).toMatchObject({ code: 'BadArguments' });
    const count = new SharedCount(zk, path, 1);
    expect(() => new Semaphore(zk, path, count, { layout: 'kazoo' })).toThrow('can change');
  });
});
