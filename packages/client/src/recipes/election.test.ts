import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { codecs } from '../index.ts';
import { failure, namesBelow, RecipeWorld, reasonOf } from '../testing/recipe-world.ts';
import { Election } from './index.ts';

/** How long may be waited for what takes no time on a quiet machine. */
const SOON = { timeout: 20_000 };
let world: RecipeWorld;

beforeAll(async () => {
  world = await RecipeWorld.start();
});

afterEach(() => world.endTest());

afterAll(() => world.close());

describe.each([
  ['curator-latch', /^_c_[0-9a-f-]{36}-latch-\d{10}$/],
  ['curator-selector', /^_c_[0-9a-f-]{36}-lock-\d{10}$/],
  ['kazoo', /^[0-9a-f]{32}__lock__\d{10}$/],
] as const)('an election of the layout %s', (layout, names) => {
  it('has one leader, and the next when it resigns', async () => {
    const path = world.freshPath();
    const zk = await world.connect();
    const one = new Election(zk, path, { id: 'one', layout });
    const two = new Election(await world.connect(), path, { id: 'two', layout });
    const first = await one.campaign();
    const second = two.campaign(SOON);
    await vi.waitFor(async () => expect(await one.candidates()).toEqual(['one', 'two']), SOON);
    for (const name of await namesBelow(zk, path)) expect(name).toMatch(names);
    expect([first.id, first.state]).toEqual(['one', 'held']);
    await first.resign();
    expect((await second).id).toBe('two');
    expect((await second).fencingToken).toBeGreaterThan(first.fencingToken);
  });
});

describe('an election', () => {
  it('can be followed', async () => {
    const path = world.freshPath();
    const watching = new Election(await world.connect(), path, { id: 'nobody' });
    const seen = watching.observe()[Symbol.asyncIterator]();
    expect((await seen.next()).value).toBeNull();
    const one = await new Election(await world.connect(), path, { id: 'one' }).campaign();
    expect((await seen.next()).value).toBe('one');
    const second = new Election(await world.connect(), path, { id: 'two' }).campaign(SOON);
    await vi.waitFor(async () => expect(await watching.candidates()).toHaveLength(2), SOON);
    await one.resign();
    expect((await seen.next()).value).toBe('two');
    await (await second).resign();
    expect((await seen.next()).value).toBeNull();
    await seen.return(undefined);
  });

  it('is followed until the signal says so, and no longer than there is a client', async () => {
    const path = world.freshPath();
    const zk = await world.connect();
    const caller = new AbortController();
    const seen = new Election(zk, path, { id: 'one' }).observe({ signal: caller.signal });
    await seen.next();
    caller.abort();
    expect((await seen.next()).done).toBe(true);
    const other = new Election(zk, path, { id: 'one' }).observe();
    await other.next();
    await zk.close();
    expect(await failure(other.next())).toMatchObject({ code: 'Closed' });
  });

  it('lets a leader know that it leads no more', async () => {
    const path = world.freshPath();
    const zk = await world.connect();
    const election = new Election(zk, path, { id: 7, codec: codecs.int32 });
    const leadership = await election.campaign();
    expect(await election.candidates()).toEqual([7]);
    await world.expire(zk);
    expect(await reasonOf(leadership.signal)).toMatchObject({ code: 'OwnershipLost' });
  });

  it('runs terms, one after the other if that is wanted', async () => {
    const path = world.freshPath();
    const zk = await world.connect();
    const election = new Election(zk, path, { id: 'one' });
    const terms: bigint[] = [];
    await election.run(async ({ fencingToken }) => void terms.push(fencingToken));
    const caller = new AbortController();
    await election.run(
      async ({ fencingToken, signal }) => {
        terms.push(fencingToken);
        if (terms.length === 2) return;
        if (terms.length === 3) {
          await world.expire(zk);
          throw await reasonOf(signal);
        }
        caller.abort();
      },
      { requeue: true, signal: caller.signal },
    );
    expect(new Set(terms).size).toBe(4);
    const wrong = new Error('wrong');
    expect(await failure(election.run(() => Promise.reject(wrong), { requeue: true }))).toBe(wrong);
    expect(await namesBelow(zk, path)).toEqual([]);
  });
});
