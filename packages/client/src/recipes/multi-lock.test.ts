import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { failure, namesBelow, RecipeWorld, reasonOf } from '../testing/recipe-world.ts';
import { MultiLock, Mutex, OwnershipLostError, ReadWriteLock } from './index.ts';

let world: RecipeWorld;

beforeAll(async () => {
  world = await RecipeWorld.start();
});

afterEach(() => world.endTest());

afterAll(() => world.close());

describe('several locks as one', () => {
  it('are held together, and told of together', async () => {
    const zk = await world.connect();
    const paths = [world.freshPath(), world.freshPath()] as const;
    const mutex = new Mutex(zk, paths[0]);
    const { write } = new ReadWriteLock(zk, paths[1]);
    const both = new MultiLock([mutex, write]);
    const held = await both.acquire();
    expect([held.state, await held.verify()]).toEqual(['held', true]);
    expect(held.path.startsWith(`${paths[0]}/`)).toBe(true);
    expect(await both.contenders()).toHaveLength(2);
    const again = await both.acquire({ within: held });
    expect(again.fencingToken).toBe(held.fencingToken);
    await held.release();
    expect(await mutex.tryAcquire()).toBeNull();
    await again.release();
    expect(await both.run(async ({ state }) => state)).toBe('held');
    for (const path of paths) expect(await namesBelow(zk, path)).toEqual([]);
  });

  it('are had all or none', async () => {
    const zk = await world.connect();
    const paths = [world.freshPath(), world.freshPath()] as const;
    const [first, second] = paths.map((path) => new Mutex(zk, path));
    const other = await second!.acquire();
    const both = new MultiLock([first!, second!]);
    expect(await both.tryAcquire()).toBeNull();
    expect(await failure(both.acquire({ timeout: 50 }))).toMatchObject({ code: 'RequestTimeout' });
    expect(await namesBelow(zk, paths[0])).toEqual([]);
    await other.release();
    expect((await both.tryAcquire())!.state).toBe('held');
  });

  it('are lost with the first that is', async () => {
    const zk = await world.connect();
    const paths = [world.freshPath(), world.freshPath()] as const;
    const held = await new MultiLock(paths.map((path) => new Mutex(zk, path))).acquire();
    const [name] = await namesBelow(zk, paths[1]);
    await zk.delete(`${paths[1]}/${name}`);
    expect(await reasonOf(held.signal)).toBeInstanceOf(OwnershipLostError);
    expect([held.state, await held.verify()]).toEqual(['lost', false]);
    await held.release();
    expect(held.state).toBe('released');
    expect(await namesBelow(zk, paths[0])).toEqual([]);
  });

  it('are some', () => {
    expect(() => new MultiLock([])).toThrow('there is no lock in it');
  });
});
