import { Opcode } from '@zabra/wire';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ZooKeeper } from '../index.ts';
import { failure, namesBelow, RecipeWorld, reasonOf } from '../testing/recipe-world.ts';
import { type Held, Mutex, OwnershipLostError, requestRevocation } from './index.ts';

/** How long may be waited for what takes no time on a quiet machine. */
const SOON = { timeout: 20_000 };
const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
let world: RecipeWorld;

beforeAll(async () => {
  world = await RecipeWorld.start();
});

afterEach(() => world.endTest());

afterAll(() => world.close());

/** Resolves when so many stand in line. */
async function lineOf(zk: ZooKeeper, path: string, count: number): Promise<readonly string[]> {
  await vi.waitFor(async () => expect(await namesBelow(zk, path)).toHaveLength(count), SOON);
  return namesBelow(zk, path);
}

describe('a mutex', () => {
  it('is held by one at a time, in the order in which they came', async () => {
    const path = world.freshPath();
    const zks = await Promise.all([world.connect(), world.connect(), world.connect()]);
    const order: number[] = [];
    const first = await new Mutex(zks[0], path).acquire();
    const waiting: Promise<void>[] = [];
    for (const [i, zk] of zks.entries()) {
      const turn = new Mutex(zk, path).run(async () => void order.push(i));
      waiting.push(turn);
      await lineOf(zk, path, i + 2);
    }
    expect(order).toEqual([]);
    await first.release();
    await Promise.all(waiting);
    expect(order).toEqual([0, 1, 2]);
    await vi.waitFor(async () => expect(await zks[0].exists(path)).toBeNull(), SOON);
  });

  it("has nodes of Curator's names, with what their owners say", async () => {
    const path = world.freshPath();
    const zk = await world.connect();
    const mutex = new Mutex(zk, path, { data: 'me' });
    const held = await mutex.acquire();
    const later = new Mutex(await world.connect(), path, { data: 'you' }).acquire();
    const names = await lineOf(zk, path, 2);
    for (const name of names) expect(name).toMatch(new RegExp(`^_c_${UUID}-lock-\\d{10}$`));
    const contenders = await mutex.contenders();
    expect(contenders.map(({ data }) => data.toString())).toEqual(['me', 'you']);
    expect(contenders[0]!.path).toBe(held.path);
    expect(contenders[0]!.stat.ephemeralOwner).toBe(zk.session!.id);
    await held.release();
    await (await later).release();
    expect(await mutex.contenders()).toEqual([]);
  });

  it("has nodes of kazoo's names with its layout", async () => {
    const path = world.freshPath();
    const zk = await world.connect();
    const held = await new Mutex(zk, path, { layout: 'kazoo' }).acquire();
    expect(held.path.slice(path.length)).toMatch(/^\/[0-9a-f]{32}__lock__0000000000$/);
    await held.release();
    expect(await namesBelow(zk, path)).toEqual([]);
    expect(await zk.exists(path)).not.toBeNull();
  });

  it('wakes nobody but the next', async () => {
    const path = world.freshPath();
    const zks: ZooKeeper[] = [];
    const line: Promise<Held>[] = [];
    for (let i = 0; i < 4; i += 1) {
      const zk = await world.connect();
      zks.push(zk);
      line.push(new Mutex(zk, path).acquire());
      await lineOf(zk, path, i + 1);
    }
    await (await line[0]!).release();
    await line[1];
    await Promise.all(zks.map((zk) => zk.sync()));
    // The first hears of its own node.
    expect(zks.map((zk) => zk.stats.events)).toEqual([1, 1, 0, 0]);
    for (const turn of line.slice(1)) await (await turn).release();
  });

  it('can be tried, and leaves nothing when it is not free', async () => {
    const path = world.freshPath();
    const zk = await world.connect();
    const mutex = new Mutex(zk, path);
    const held = (await mutex.tryAcquire())!;
    expect(held.state).toBe('held');
    expect(await new Mutex(await world.connect(), path).tryAcquire()).toBeNull();
    expect(await namesBelow(zk, path)).toHaveLength(1);
    await held.release();
    expect(await mutex.tryAcquire()).not.toBeNull();
  });

  it('can be given up by time and by signal, and leaves nothing', async () => {
    const path = world.freshPath();
    const zk = await world.connect();
    const mutex = new Mutex(zk, path);
    const held = await mutex.acquire();
    expect(await failure(mutex.acquire({ timeout: 50 }))).toMatchObject({
      code: 'RequestTimeout',
      message: `acquire ${path}: it was not to be had in time (RequestTimeout)`,
    });
    const caller = new AbortController();
    const waiting = failure(mutex.acquire({ signal: caller.signal }));
    await lineOf(zk, path, 2);
    caller.abort('enough');
    expect(await waiting).toMatchObject({ code: 'Aborted', path, cause: 'enough' });
    expect(await failure(mutex.acquire({ signal: caller.signal }))).toMatchObject({
      code: 'Aborted',
    });
    expect(await lineOf(zk, path, 1)).toEqual([held.path.slice(path.length + 1)]);
    await held.release();
    await (await mutex.acquire(SOON)).release();
  });

  it('sets one watch however often somebody begins to wait', async () => {
    const path = world.freshPath();
    const holder = await world.connect();
    await new Mutex(holder, path).acquire();
    const zk = await world.connect();
    const mutex = new Mutex(zk, path);
    for (let i = 0; i < 5; i += 1) await failure(mutex.acquire({ timeout: 20 }));
    expect(zk.stats.watches).toBeLessThanOrEqual(1);
  });

  it('may be had again by who has it, and goes with the last handle', async () => {
    const path = world.freshPath();
    const zk = await world.connect();
    const mutex = new Mutex(zk, path);
    const outer = await mutex.acquire();
    const inner = await mutex.acquire({ within: outer });
    expect(inner.path).toBe(outer.path);
    await outer.release();
    await outer.release();
    expect([outer.state, inner.state]).toEqual(['released', 'held']);
    expect(await namesBelow(zk, path)).toHaveLength(1);
    expect(await failure(mutex.acquire({ within: outer }))).toBeInstanceOf(OwnershipLostError);
    await inner.release();
    expect(await namesBelow(zk, path)).toEqual([]);
  });

  it('refuses a handle on another lock', async () => {
    const zk = await world.connect();
    const other = await new Mutex(zk, world.freshPath()).acquire();
    const mutex = new Mutex(zk, world.freshPath());
    expect(await failure(mutex.acquire({ within: other }))).toMatchObject({
      code: 'BadArguments',
    });
  });

  it('runs a function, and is released whatever comes of it', async () => {
    const path = world.freshPath();
    const zk = await world.connect();
    const mutex = new Mutex(zk, path);
    expect(await mutex.run(async (held) => held.state)).toBe('held');
    const wrong = new Error('wrong');
    expect(await failure(mutex.run(() => Promise.reject(wrong)))).toBe(wrong);
    {
      await using held = await mutex.acquire();
      expect(held.state).toBe('held');
    }
    expect(await namesBelow(zk, path)).toEqual([]);
  });

  it('gives each owner a larger token than the one before', async () => {
    const path = world.freshPath();
    const mutex = new Mutex(await world.connect(), path);
    const tokens: bigint[] = [];
    for (let i = 0; i < 3; i += 1) {
      await mutex.run(async ({ fencingToken }) => void tokens.push(fencingToken));
    }
    expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => Number(a - b)));
    expect(tokens[0]).toBeGreaterThan(0n);
  });
});

describe('a mutex that is waited for', () => {
  it('is had once, by one node, when the answer to its creation is lost', async () => {
    const path = world.freshPath();
    const other = await world.connect();
    await other.ensurePath(path);
    const { zk, proxy } = await world.connectByProxy();
    proxy.isTalking = false;
    const acquiring = new Mutex(zk, path).acquire(SOON);
    await lineOf(other, path, 1);
    proxy.isTalking = true;
    proxy.cut();
    const held = await acquiring;
    expect(await namesBelow(other, path)).toEqual([held.path.slice(path.length + 1)]);
  });

  it('leaves nothing when it is given up before the answer is found again', async () => {
    const path = world.freshPath();
    const other = await world.connect();
    await other.ensurePath(path);
    const { zk, proxy } = await world.connectByProxy();
    const caller = new AbortController();
    proxy.isTalking = false;
    const acquiring = failure(new Mutex(zk, path).acquire({ signal: caller.signal }));
    await lineOf(other, path, 1);
    proxy.isOpen = false;
    proxy.isTalking = true;
    proxy.cut();
    await vi.waitFor(() => expect(zk.state).toBe('suspended'), SOON);
    caller.abort();
    expect(await acquiring).toMatchObject({ code: 'Aborted' });
    proxy.isOpen = true;
    await lineOf(other, path, 0);
    expect(zk.state).toBe('connected');
  });

  it('keeps its place over a broken connection', async () => {
    const path = world.freshPath();
    const other = await world.connect();
    const first = await new Mutex(other, path).acquire();
    const { zk, proxy } = await world.connectByProxy();
    const acquiring = new Mutex(zk, path).acquire(SOON);
    const line = await lineOf(other, path, 2);
    proxy.cut();
    const third = new Mutex(other, path).acquire(SOON);
    await lineOf(other, path, 3);
    await first.release();
    const held = await acquiring;
    expect(line).toContain(held.path.slice(path.length + 1));
    await held.release();
    await third;
  });

  it('takes another place when its session has expired', async () => {
    const path = world.freshPath();
    const other = await world.connect();
    const first = await new Mutex(other, path).acquire();
    const zk = await world.connect();
    const acquiring = new Mutex(zk, path).acquire(SOON);
    const before = await lineOf(other, path, 2);
    await world.expire(zk);
    await vi.waitFor(async () => {
      const line = await namesBelow(other, path);
      expect(line).toHaveLength(2);
      expect(line).not.toEqual(before);
    }, SOON);
    await first.release();
    const held = await acquiring;
    expect((await other.exists(held.path))!.ephemeralOwner).toBe(zk.session!.id);
  });

  it('is refused when the client is closed', async () => {
    const path = world.freshPath();
    const other = await world.connect();
    await new Mutex(other, path).acquire();
    const zk = await world.connect();
    const acquiring = failure(new Mutex(zk, path).acquire());
    await lineOf(other, path, 2);
    await zk.close();
    expect(await acquiring).toMatchObject({ code: 'Closed' });
    expect(await namesBelow(other, path)).toHaveLength(1);
  });

  it('takes no node that a session left behind for its own', async () => {
    const path = world.freshPath();
    const other = await world.connect();
    await other.ensurePath(path);
    const { zk, proxy } = await world.connectByProxy({ sessionTimeout: 1000 });
    const old = zk.session!.id;
    proxy.isTalking = false;
    const acquiring = new Mutex(zk, path).acquire(SOON);
    await lineOf(other, path, 1);
    // The answer is lost, and the session goes on elsewhere, so that its node stays.
    proxy.isOpen = false;
    proxy.isTalking = true;
    const kept = await world.connect({ session: zk.session! });
    proxy.cut();
    await vi.waitFor(() => expect(zk.session?.id).toBeUndefined(), SOON);
    proxy.isOpen = true;
    const held = await acquiring;
    expect(kept.session!.id).toBe(old);
    expect((await other.exists(held.path))!.ephemeralOwner).not.toBe(old);
  });
});

describe('a mutex that is held', () => {
  it('is lost with the session, and told so', async () => {
    const path = world.freshPath();
    const zk = await world.connect();
    const mutex = new Mutex(zk, path, { lossPolicy: 'lost' });
    const held = await mutex.acquire();
    await world.expire(zk);
    const reason = await reasonOf(held.signal);
    expect(reason).toBeInstanceOf(OwnershipLostError);
    expect(reason).toMatchObject({ code: 'OwnershipLost', path: held.path });
    expect(held.state).toBe('lost');
    expect(await held.verify()).toBe(false);
    await held.release();
    await (await mutex.acquire(SOON)).release();
  });

  it('is lost as soon as the connection breaks, and kept from others until it is released', async () => {
    const path = world.freshPath();
    const other = await world.connect();
    const { zk, proxy } = await world.connectByProxy();
    const held = await new Mutex(zk, path).acquire();
    proxy.cut();
    expect(await reasonOf(held.signal)).toMatchObject({
      message: `${held.path} is lost: the connection broke (OwnershipLost)`,
    });
    await zk.ready();
    expect(held.state).toBe('lost');
    expect(await new Mutex(other, path).tryAcquire()).toBeNull();
    await held.release();
    expect(await new Mutex(other, path).tryAcquire()).not.toBeNull();
  });

  it('is only suspect then, if that is wanted', async () => {
    const path = world.freshPath();
    const { zk, proxy } = await world.connectByProxy();
    const held = await new Mutex(zk, path, { lossPolicy: 'lost' }).acquire();
    proxy.isOpen = false;
    proxy.cut();
    await vi.waitFor(() => expect(held.state).toBe('suspect'), SOON);
    proxy.isOpen = true;
    await zk.ready();
    expect(held.state).toBe('held');
    expect(await held.verify()).toBe(true);
    expect(held.signal.aborted).toBe(false);
  });

  it('is lost when somebody deletes its node', async () => {
    const path = world.freshPath();
    const other = await world.connect();
    const zk = await world.connect();
    const mutex = new Mutex(zk, path);
    const held = await mutex.acquire();
    await other.delete(held.path);
    expect(await reasonOf(held.signal)).toMatchObject({
      message: `${held.path} is lost: somebody has deleted its node (OwnershipLost)`,
    });
    expect(await held.verify()).toBe(false);
  });

  it('is lost when the client is closed', async () => {
    const zk = await world.connect();
    const held = await new Mutex(zk, world.freshPath()).acquire();
    await zk.close();
    expect(held.state).toBe('lost');
    await held.release();
  });

  it('is not lost when it is released', async () => {
    const zk = await world.connect();
    const held = await new Mutex(zk, world.freshPath()).acquire();
    await held.release();
    await zk.sync();
    expect([held.state, held.signal.aborted, await held.verify()]).toEqual([
      'released',
      false,
      false,
    ]);
  });

  it('is released in the end, though there is no connection', async () => {
    const path = world.freshPath();
    const other = await world.connect();
    const { zk, proxy } = await world.connectByProxy();
    const held = await new Mutex(zk, path).acquire();
    proxy.judge = (opcode) => (opcode === Opcode.Delete ? { answer: null } : null);
    await held.release();
    expect(await namesBelow(other, path)).toHaveLength(1);
    proxy.judge = () => null;
    await lineOf(other, path, 0);
  });

  it('can be asked for, and its owner decides', async () => {
    const path = world.freshPath();
    const zk = await world.connect();
    const other = await world.connect();
    const asked: Held[] = [];
    const onRevoke = (held: Held): void => {
      asked.push(held);
      if (asked.length === 2) void held.release();
    };
    const held = await new Mutex(zk, path, { onRevoke, data: 'mine' }).acquire();
    const waiting = new Mutex(other, path).acquire(SOON);
    await other.set(held.path, 'something else');
    await requestRevocation(other, held.path);
    await vi.waitFor(() => expect(asked).toHaveLength(1), SOON);
    expect(held.state).toBe('held');
    await requestRevocation(other, held.path);
    await waiting;
    expect(asked).toEqual([held, held]);
  });
});

describe('a mutex where others contend by other names', () => {
  it.each([
    ['curator', '0123456789abcdef0123456789abcdef__lock__'],
    ['curator', '_c_00000000-0000-0000-0000-000000000000-__WRIT__'],
    ['curator', '_c_00000000-0000-0000-0000-000000000000-latch-'],
    ['kazoo', '0123456789abcdef0123456789abcdef__rlock__'],
    ['kazoo', '_c_0123456789abcdef0123456789abcdef-lock-'],
    ['kazoo', 'x-0123-'],
  ] as const)('with the layout %s refuses %s, and leaves nothing', async (layout, name) => {
    const path = world.freshPath();
    const zk = await world.connect();
    const options = { parents: true, sequential: true, mode: 'ephemeral' } as const;
    const foreign = await zk.create(`${path}/${name}`, '', options);
    expect(await failure(new Mutex(zk, path, { layout }).acquire())).toMatchObject({
      code: 'ForeignLayout',
      node: foreign.name,
    });
    await lineOf(zk, path, 1);
  });

  it("contends with go-zookeeper's, and overlooks what is no contender", async () => {
    const path = world.freshPath();
    const zk = await world.connect();
    await zk.create(`${path}/notes`, '', { parents: true });
    const name = '_c_0123456789abcdef0123456789abcdef-lock-';
    const options = { sequential: true, mode: 'ephemeral' } as const;
    const first = await zk.create(`${path}/${name}`, '', options);
    const mutex = new Mutex(zk, path);
    expect(await mutex.tryAcquire()).toBeNull();
    const waiting = mutex.acquire(SOON);
    await zk.delete(first.path);
    await (await waiting).release();
  });
});
