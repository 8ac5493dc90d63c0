/**
 * Our recipes for data and those of Curator and kazoo, on the same nodes. `ZABRA_INTEROP_SERVER` says on
 * which server: `zabra`, `apache38` or `apache39`.
 */
import { codecs, connect, type ZooKeeper } from '@zabra/client';
import {
  Barrier,
  Counter,
  DoubleBarrier,
  Group,
  Queue,
  type QueueOptions,
  SharedValue,
  TreeCache,
} from '@zabra/client/recipes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { javaPeer } from '../support/peers-java.ts';
import { kazooPeer } from '../support/peers-python.ts';
import { INSTALL_TIMEOUT_MS } from '../support/peers-report.ts';
import { type ServerUnderTest, startServerUnderTest } from '../support/peers-server.ts';
import { AskedPeer } from './asked-peer.ts';

const SOON = { timeout: 20_000 };

let server: ServerUnderTest;
let zk: ZooKeeper;
let curator: AskedPeer;
let kazoo: AskedPeer;

beforeAll(async () => {
  server = await startServerUnderTest();
  const hosts = `127.0.0.1:${server.port}`;
  zk = await connect({ servers: hosts, sessionTimeout: 20_000 });
  curator = new AskedPeer(await javaPeer('DataRecipes'), hosts);
  kazoo = new AskedPeer(await kazooPeer('data_recipes.py'), hosts);
}, INSTALL_TIMEOUT_MS);

afterAll(async () => {
  await Promise.all([curator?.end(), kazoo?.end(), zk?.close()]);
  await server?.stop();
});

function queue(path: string, options: Partial<QueueOptions<string>> = {}): Queue<string> {
  return new Queue(zk, path, { codec: codecs.utf8, ...options });
}

async function drain(from: Queue<string>): Promise<string[]> {
  const values: string[] = [];
  for (let item = await from.poll(); item !== null; item = await from.poll()) {
    values.push(item.value);
    expect(await item.ack()).toBe(true);
  }
  return values;
}

describe('with Curator', () => {
  test('a queue, from each to the other', async () => {
    const ours = queue('/cq');
    await curator.ask('queue-put', '/cq', '/cq-locks', 'one', 'two');
    expect(await drain(ours)).toEqual(['one', 'two']);
    await ours.putAll(['three', 'four']);
    expect(await curator.ask('queue-take', '/cq', '/cq-locks', 2)).toBe('three,four');
    expect(await ours.size()).toBe(0);
  });

  test('a queue that both take from: each item is done once', async () => {
    const ours = queue('/shared');
    const all = Array.from({ length: 40 }, (_, i) => `item ${i}`);
    await ours.putAll(all);
    const done: string[] = [];
    const ended = new AbortController();
    const consumed = ours.consume(async (item) => void done.push(item), { signal: ended.signal });
    const theirs = (await curator.ask('queue-take', '/shared', '/shared-locks', 0)).split(',');
    await expect.poll(() => ours.size(), SOON).toBe(0);
    ended.abort();
    await consumed;
    const both = [...done, ...theirs.filter((item) => item !== '')];
    expect(both.sort()).toEqual([...all].sort());
  });

  test('a priority queue and a simple one', async () => {
    const byPriority = queue('/cp', { kind: 'priority' });
    await curator.ask('priority-put', '/cp', 5, 'five');
    await curator.ask('priority-put', '/cp', -5, 'minus five');
    await byPriority.put('zero', { priority: 0 });
    expect(await drain(byPriority)).toEqual(['minus five', 'zero', 'five']);
    const simple = queue('/cs', { layout: 'simple' });
    await curator.ask('simple-offer', '/cs', 'one');
    expect(await drain(simple)).toEqual(['one']);
    await simple.put('two');
    expect(await curator.ask('simple-poll', '/cs')).toBe('two');
  });

  test('a counter and a shared count', async () => {
    const counter = new Counter(zk, '/cl');
    expect(await curator.ask('long-add', '/cl', 258)).toBe('258');
    const adds = Array.from({ length: 20 }, () => counter.add(1n));
    const theirs = curator.ask('long-add', '/cl', -400);
    await Promise.all([...adds, theirs]);
    expect(await counter.get()).toBe(-122n);
    await using shared = await SharedValue.open(zk, '/cc', { codec: codecs.int32, seed: -7 });
    expect(await curator.ask('count-set', '/cc', 42)).toBe('-7');
    await expect.poll(() => shared.value, SOON).toBe(42);
  });

  test('a barrier and a double barrier', async () => {
    const barrier = new Barrier(zk, '/cb');
    await curator.ask('barrier-set', '/cb');
    const waiting = barrier.wait();
    await curator.ask('barrier-lift', '/cb');
    await waiting;
    await barrier.set();
    const theirs = curator.ask('barrier-wait', '/cb');
    await barrier.lift();
    expect(await theirs).toBe('true');
    const both = new DoubleBarrier(zk, '/cd', 2);
    const through = curator.ask('double-through', '/cd', 2);
    await both.enter({ timeout: 30_000 });
    await both.leave({ timeout: 30_000 });
    expect(await through).toBe('true true');
  });

  test('a group, and the cache of each on what the other writes', async () => {
    await curator.ask('group-join', '/cg', 'bob', 'payload of bob');
    await using group = await Group.join(zk, '/cg', 'ann', 'payload of ann');
    await expect.poll(() => group.members().get('bob'), SOON).toBe('payload of bob');
    await expect
      .poll(() => curator.ask('group-members', '/cg'), SOON)
      .toBe('{ann=payload of ann, bob=payload of bob}');
    await curator.ask('group-leave', '/cg');
    await expect.poll(() => group.members().size, SOON).toBe(1);
    await zk.create('/tree/a', 'x', { parents: true });
    await using cache = await TreeCache.open(zk, '/tree', { codec: codecs.utf8 });
    expect(await curator.ask('cache', '/tree', 2)).toBe('{/tree=, /tree/a=x}');
    expect(cache.get('/tree/a')?.data).toBe('x');
  });
});

describe('with kazoo', () => {
  test('a queue, from each to the other', async () => {
    const ours = queue('/kq', { layout: 'kazoo', kind: 'priority' });
    await kazoo.ask('queue-put', '/kq', 100, 'usual');
    await kazoo.ask('queue-put', '/kq', 7, 'first');
    expect(await drain(ours)).toEqual(['first', 'usual']);
    await ours.put('ours', { priority: 9 });
    expect(await kazoo.ask('queue-get', '/kq')).toBe('ours');
  });

  test('a locking queue: what one has taken the other does not see', async () => {
    const ours = queue('/kl', { layout: 'kazoo-locking', kind: 'priority' });
    await kazoo.ask('locking-put', '/kl', 100, 'one');
    await ours.put('two', { priority: 200 });
    const item = await ours.take();
    expect(item.value).toBe('one');
    expect(await kazoo.ask('locking-take', '/kl')).toBe('two');
    expect(await item.ack()).toBe(true);
    expect(await ours.size()).toBe(0);
  });

  test('counters', async () => {
    const decimal = new Counter(zk, '/kc', { encoding: 'decimal' });
    expect(await kazoo.ask('counter-add', '/kc', 3)).toBe('3');
    expect(await decimal.add(-5)).toMatchObject({ before: 3, after: -2 });
    expect(await kazoo.ask('counter-add', '/kc', 1)).toBe('-1');
    const int = new Counter(zk, '/ki', { encoding: 'int32' });
    await int.add(-2);
    expect(await kazoo.ask('curator-counter-add', '/ki', 1)).toBe('-1');
    expect(await int.get()).toBe(-1);
  });

  test('a barrier and a double barrier', async () => {
    const barrier = new Barrier(zk, '/kb');
    await kazoo.ask('barrier-set', '/kb');
    const waiting = barrier.wait();
    expect(await kazoo.ask('barrier-lift', '/kb')).toBe('True');
    await waiting;
    await barrier.set();
    const theirs = kazoo.ask('barrier-wait', '/kb');
    await barrier.lift();
    expect(await theirs).toBe('True');
    const both = new DoubleBarrier(zk, '/kd', 2, { layout: 'kazoo' });
    const through = kazoo.ask('double-through', '/kd', 2);
    await both.enter({ timeout: 30_000 });
    await both.leave({ timeout: 30_000 });
    await through;
  });

  test('parties', async () => {
    for (const [path, layout, join] of [
      ['/kp', 'kazoo', 'party-join'],
      ['/ks', 'kazoo-shallow', 'shallow-join'],
    ] as const) {
      await kazoo.ask(join, path, 'bob');
      await using group = await Group.join(zk, path, 'ann', '', { layout });
      expect([...group.members().keys()].sort()).toEqual(['ann', 'bob']);
      expect(await kazoo.ask('party-members', path)).toBe('ann,bob');
      await kazoo.ask('party-leave', path);
      await expect.poll(() => group.members().size, SOON).toBe(1);
    }
  });
});
