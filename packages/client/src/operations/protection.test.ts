import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { failure, namesBelow, RecipeWorld } from '../testing/recipe-world.ts';

/** How long may be waited for what takes no time on a quiet machine. */
const SOON = { timeout: 20_000 };
const EPHEMERAL = { mode: 'ephemeral', protect: true } as const;
let world: RecipeWorld;

beforeAll(async () => {
  world = await RecipeWorld.start();
});

afterEach(() => world.endTest());

afterAll(() => world.close());

describe('a protected node', () => {
  it('has a mark of its own, or the one that is given', async () => {
    const zk = await world.connect();
    const made = await zk.create('/mark', '', { protect: true });
    expect(made.name).toMatch(/^_c_[0-9a-f-]{36}-mark$/);
    expect((await zk.create('/mark', '', { protect: 'mine-' })).name).toBe('mine-mark');
  });

  it('is none of a session that was lost meanwhile: that one is deleted', async () => {
    const path = world.freshPath();
    const other = await world.connect();
    await other.ensurePath(path);
    const { zk, proxy } = await world.connectByProxy({ sessionTimeout: 1000 });
    proxy.isTalking = false;
    const creating = zk.create(`${path}/node`, '', EPHEMERAL);
    await vi.waitFor(async () => expect(await namesBelow(other, path)).toHaveLength(1), SOON);
    // The answer is lost, and the session goes on elsewhere, so that its node stays.
    proxy.isOpen = false;
    proxy.isTalking = true;
    await world.connect({ session: zk.session! });
    proxy.cut();
    await vi.waitFor(() => expect(zk.session).toBeUndefined(), SOON);
    proxy.isOpen = true;
    const { name, stat } = await creating;
    expect(stat.ephemeralOwner).toBe(zk.session!.id);
    await vi.waitFor(async () => expect(await namesBelow(other, path)).toEqual([name]), SOON);
  });

  it('is taken away if its caller gives up before it was found again', async () => {
    const path = world.freshPath();
    const other = await world.connect();
    await other.ensurePath(path);
    const { zk, proxy } = await world.connectByProxy();
    const caller = new AbortController();
    proxy.isTalking = false;
    const options = { ...EPHEMERAL, signal: caller.signal };
    const creating = failure(zk.create(`${path}/node`, '', options));
    await vi.waitFor(async () => expect(await namesBelow(other, path)).toHaveLength(1), SOON);
    proxy.isOpen = false;
    proxy.isTalking = true;
    proxy.cut();
    await vi.waitFor(() => expect(zk.state).toBe('suspended'), SOON);
    caller.abort();
    expect(await creating).toMatchObject({ code: 'Aborted' });
    proxy.isOpen = true;
    await vi.waitFor(async () => expect(await namesBelow(other, path)).toEqual([]), SOON);
  });
});
