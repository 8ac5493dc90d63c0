import { Opcode } from '@zabra/wire';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codecs, type ZooKeeper } from '../../index.ts';
import { RecipeBench, SOON } from '../../testing/recipe-bench.ts';
import { frameItems, unframeItems } from './framed-items.ts';
import { Queue, type QueueOptions } from './queue.ts';
import type { QueueItem } from './queue-item.ts';

const bench = new RecipeBench();
beforeAll(() => bench.start());
beforeEach(() => bench.begin());
afterEach(() => bench.end());
afterAll(() => bench.stop());

function queue(zk: ZooKeeper, options: Partial<QueueOptions<string>> = {}): Queue<string> {
  return new Queue(zk, '/q', { codec: codecs.utf8, ...options });
}

function names(path: string): Promise<string[]> {
  return bench.other.children(path).then(
    (list) => [...list.names].sort(),
    () => [],
  );
}

async function drain(from: Queue<string>): Promise<string[]> {
  const values: string[] = [];
  for (let item = await from.poll(); item !== null; item = await from.poll()) {
    values.push(item.value);
    await item.ack();
  }
  return values;
}

describe('a queue', () => {
  it('hands out each item once, in order, and forgets it when it is acknowledged', async () => {
    const ours = queue(bench.zk);
    const theirs = queue(bench.other);
    expect(await ours.poll()).toBeNull();
    await ours.put('one');
    await theirs.putAll(['two', 'three']);
    expect(await ours.size()).toBe(3);
    const [one, two, three] = [await ours.take(), await theirs.take(), await ours.take()];
    expect([one, two, three].map(({ value }) => value)).toEqual(['one', 'two', 'three']);
    expect(await ours.poll()).toBeNull();
    expect(await theirs.poll()).toBeNull();
    for (const item of [one, two, three]) expect(await item.ack()).toBe(true);
    expect(await one.ack()).toBe(false);
    expect(await ours.size()).toBe(0);
    expect(await names('/q-locks')).toEqual([]);
  });

  it('has an item again that is given back, that is not acknowledged, or whose owner goes', async () => {
    const ours = queue(bench.zk);
    const theirs = queue(bench.other);
    await ours.putAll(['one', 'two']);
    const one = await ours.take();
    await one.nack();
    await one.nack();
    {
      await using again = await theirs.take();
      expect(again.value).toBe('one');
    }
    const held = await ours.take();
    const next = await theirs.take();
    expect([held.value, next.value].sort()).toEqual(['one', 'two']);
    const last = theirs.take();
    await bench.zk.close();
    expect((await last).value).toBe(held.value);
    expect(held.signal.aborted).toBe(true);
  });

  it('wakes who waits, and lets go who gives up', async () => {
    const ours = queue(bench.zk);
    const waiting = ours.take();
    const given = new AbortController();
    const aborted = ours.take({ signal: given.signal });
    await expect(ours.take({ timeout: 10 })).rejects.toMatchObject({ code: 'RequestTimeout' });
    given.abort();
    await expect(aborted).rejects.toMatchObject({ code: 'Aborted' });
    await queue(bench.other).put('one');
    expect((await waiting).value).toBe('one');
    await expect.poll(() => bench.zk.stats.watches, SOON).toBe(0);
    expect(await names('/q-locks')).toHaveLength(1);
  });

  it('hands items to a function, some at a time, until it is told to end', async () => {
    const ours = queue(bench.zk);
    const all = Array.from({ length: 40 }, (_, i) => `item ${i}`);
    await queue(bench.other).putAll(all);
    const ended = new AbortController();
    const done: string[] = [];
    let running = 0;
    let most = 0;
    const failing = new Set(['item 3', 'item 20']);
    const handler = async (value: string) => {
      running += 1;
      most = Math.max(most, running);
      await bench.zk.sync();
      running -= 1;
      if (failing.delete(value)) throw new Error('once');
      done.push(value);
    };
    const { signal } = ended;
    const consumed = Promise.all([
      ours.consume(handler, { concurrency: 4, signal }),
      queue(bench.other).consume(handler, { signal }),
    ]);
    await expect.poll(() => done.length, SOON).toBe(40);
    await expect.poll(() => ours.size(), SOON).toBe(0);
    ended.abort();
    await consumed;
    expect([...done].sort()).toEqual([...all].sort());
    expect(most).toBeGreaterThan(1);
    await expect.poll(() => names('/q-locks'), SOON).toEqual([]);
    expect(bench.zk.stats.watches).toBe(0);
  });

  it('drops what fails, if it is told to', async () => {
    const ours = queue(bench.zk);
    await ours.put('bad');
    const ended = new AbortController();
    const handler = async () => {
      ended.abort();
      throw new Error('bad');
    };
    await ours.consume(handler, { onError: 'drop', signal: ended.signal });
    expect(await ours.size()).toBe(0);
  });

  it('can be iterated over', async () => {
    const ours = queue(bench.zk);
    await ours.putAll(['one', 'two']);
    const ended = new AbortController();
    const seen: string[] = [];
    for await (const item of ours.items({ signal: ended.signal })) {
      seen.push(item.value);
      await item.ack();
      if (seen.length === 2) ended.abort();
    }
    expect(seen).toEqual(['one', 'two']);
  });

  it('makes whoever puts wait while it is full', async () => {
    const ours = queue(bench.zk, { maxItems: 1 });
    await ours.put('one');
    await expect(ours.put('two', { timeout: 20 })).rejects.toMatchObject({
      code: 'RequestTimeout',
    });
    const put = ours.put('two');
    await (await queue(bench.other).take()).ack();
    await put;
    expect(await drain(ours)).toEqual(['two']);
  });

  it('sets aside what it cannot read, and leaves it to others', async () => {
    const ours = queue(bench.zk);
    await bench.other.create('/q/queue-', 'no item', { sequential: true, parents: true });
    await ours.put('one');
    await expect(ours.take()).rejects.toMatchObject({ code: 'BadValue' });
    expect((await ours.take()).value).toBe('one');
    await expect.poll(() => names('/q-locks'), SOON).toEqual(['queue-0000000001']);
  });
});

describe('the kinds of a queue', () => {
  it('priority: the lowest first, over the sign', async () => {
    const ours = queue(bench.zk, { kind: 'priority' });
    for (const priority of [5, -5, 0, 2 ** 31 - 1, -(2 ** 31)]) {
      await ours.put(`${priority}`, { priority });
    }
    expect((await names('/q'))[1]).toBe('queue-0FFFFFFFB0000000001');
    const first = await ours.take();
    expect(first.value).toBe(`${-(2 ** 31)}`);
    await ours.put('first of all', { priority: -(2 ** 31) });
    expect(await drain(ours)).toEqual(['first of all', '-5', '0', '5', `${2 ** 31 - 1}`]);
    await expect(ours.put('x', { priority: 0.5 })).rejects.toMatchObject({ code: 'BadArguments' });
  });

  it('delay: when it is due, and not before', async () => {
    const ours = queue(bench.zk, { kind: 'delay' });
    await ours.put('later', { dueAt: Date.now() + 300 });
    await ours.put('never', { dueAt: Date.now() + 1e9 });
    await ours.put('now', { dueAt: 1_700_000_000_000 });
    expect(await names('/q')).toContain('queue-|18BCFE56800|0000000002');
    expect((await ours.take()).value).toBe('now');
    expect(await ours.poll()).toBeNull();
    expect((await ours.take()).value).toBe('later');
    await expect(ours.take({ timeout: 10 })).rejects.toMatchObject({ code: 'RequestTimeout' });
  });

  it('id: in order, and each can be taken away by its id', async () => {
    const ours = queue(bench.zk, { kind: 'id' });
    expect(await ours.put('one', { id: 'a/b|c' })).toBe('a/b|c');
    await ours.put('two', { id: 'zwei' });
    await ours.put('three', { id: 'zwei' });
    expect(await names('/q')).toContain('queue-|a_b_c|0000000000');
    expect(await ours.remove('zwei')).toBe(2);
    const item = await ours.take();
    expect([item.id, item.value]).toEqual(['a_b_c', 'one']);
    await item.requeue();
    expect(await names('/q')).toEqual(['queue-|a_b_c|0000000003']);
  });

  it("kazoo's and the simple one: bare data under their names", async () => {
    const simple = new Queue(bench.zk, '/s', { codec: codecs.utf8, layout: 'simple' });
    await simple.put('one');
    expect((await bench.other.get('/s/qn-0000000000')).data.toString()).toBe('one');
    expect(await drain(simple)).toEqual(['one']);
    const kazoo = queue(bench.zk, { layout: 'kazoo', kind: 'priority' });
    await kazoo.put('usual');
    await kazoo.put('first', { priority: 7 });
    expect(await names('/q')).toEqual(['entry-007-0000000001', 'entry-100-0000000000']);
    expect(await drain(kazoo)).toEqual(['first', 'usual']);
    const locking = new Queue(bench.zk, '/l', { codec: codecs.utf8, layout: 'kazoo-locking' });
    await locking.put('one');
    const item = await locking.take();
    const { data, stat } = await bench.other.get('/l/taken/entry-100-0000000000');
    expect(data.toString()).toMatch(/^[0-9a-f]{32}$/);
    expect(stat.ephemeralOwner).toBe(bench.zk.session!.id);
    await item.ack();
    expect(await names('/l/entries')).toEqual([]);
  });

  it('refuse each other, and say why', async () => {
    await queue(bench.zk).put('one');
    for (const options of [{ kind: 'priority' }, { layout: 'simple' }, { layout: 'kazoo' }]) {
      const wrong = queue(bench.other, options as Partial<QueueOptions<string>>);
      const refusal = {
        code: 'ForeignLayout',
        node: 'queue-0000000000',
        message: expect.stringContaining("an item of Curator's DistributedQueue"),
      };
      await expect(wrong.put('x')).rejects.toMatchObject(refusal);
      await expect(wrong.take()).rejects.toMatchObject(refusal);
    }
    const locking = queue(bench.other, { layout: 'kazoo-locking' });
    await expect(locking.take()).rejects.toMatchObject({ code: 'ForeignLayout' });
    expect(() => queue(bench.zk, { layout: 'simple', kind: 'delay' })).toThrow('no kind delay');
  });
});

describe('items of which several are in one node', () => {
  it('have the bytes of Curator', () => {
    const bytes = frameItems([Buffer.from('hi')]);
    expect(Buffer.from(bytes).toString('hex')).toBe('0001000101000000026869' + '02');
    for (const bad of ['', '00010001', '0001000202', '000100010100000009ff02', '0001000101']) {
      expect(() => unframeItems(Buffer.from(bad, 'hex'), '/q')).toThrow('no item');
    }
  });

  it('are acknowledged one by one; those that are not come again', async () => {
    const several = frameItems(['one', 'two', 'three'].map((text) => Buffer.from(text)));
    await bench.other.create('/q/queue-', several, { sequential: true, parents: true });
    const ours = queue(bench.zk);
    const items: QueueItem<string>[] = [];
    for (let i = 0; i < 3; i += 1) items.push(await ours.take());
    const [one, two, three] = items as [QueueItem<string>, QueueItem<string>, QueueItem<string>];
    expect(await two.ack()).toBe(true);
    await one.nack();
    expect(await queue(bench.other).poll()).toBeNull();
    await three.requeue();
    expect(await drain(queue(bench.other))).toEqual(['one', 'three']);
  });
});

describe('over a broken connection', () => {
  it('a claim whose answer was lost is found again', async () => {
    const ours = queue(bench.zk);
    await ours.put('one');
    await bench.other.create('/q-locks');
    const lost = bench.loseAnswer(Opcode.Create2, async () => (await names('/q-locks')).length);
    const taken = ours.take();
    await lost;
    const item = await taken;
    expect(item.value).toBe('one');
    expect(await queue(bench.other).poll()).toBeNull();
    expect(await item.ack()).toBe(true);
  });

  it('a claim of who gave up before the answer is taken back', async () => {
    const ours = queue(bench.zk);
    await ours.put('one');
    await bench.other.create('/q-locks');
    const given = new AbortController();
    const lost = bench.loseAnswer(Opcode.Create2, async () => {
      if ((await names('/q-locks')).length === 1) given.abort();
      return given.signal.aborted;
    });
    const refused = expect(ours.take({ signal: given.signal })).rejects.toMatchObject({
      code: 'Aborted',
    });
    await lost;
    await refused;
    expect((await queue(bench.other).take()).value).toBe('one');
  });

  it('an acknowledgement whose answer was lost is one', async () => {
    const ours = queue(bench.zk);
    await ours.put('one');
    const item = await ours.take();
    const lost = bench.loseAnswer(Opcode.Multi, async () => (await names('/q')).length === 0);
    const acked = item.ack();
    await lost;
    expect(await acked).toBe(true);
    await expect.poll(() => names('/q-locks'), SOON).toEqual([]);
  });

  it('one that came too late says so: the item is with somebody else', async () => {
    const ours = queue(bench.zk);
    await ours.put('one');
    const item = await ours.take();
    await bench.expire();
    const other = await queue(bench.other).take();
    expect(other.value).toBe('one');
    await expect.poll(() => item.signal.aborted, SOON).toBe(true);
    expect(await item.ack()).toBe(false);
    expect(await other.ack()).toBe(true);
  });

  it('what is consumed is neither lost nor left, however often it breaks', async () => {
    const ours = queue(bench.zk);
    const theirs = queue(bench.other);
    const all = Array.from({ length: 60 }, (_, i) => `item ${i}`);
    const seen = new Set<string>();
    const ended = new AbortController();
    const { signal } = ended;
    const handler = async (value: string) => {
      if (value.endsWith('7')) bench.proxy.cut();
      seen.add(value);
    };
    const consumed = Promise.all([
      ours.consume(handler, { concurrency: 3, signal }),
      theirs.consume(handler, { signal }),
    ]);
    for (const item of all) await theirs.put(item);
    await expect.poll(() => theirs.size(), SOON).toBe(0);
    ended.abort();
    await consumed;
    expect(seen.size).toBe(60);
    await expect.poll(() => names('/q-locks'), SOON).toEqual([]);
  });

  it('a put whose answer was lost says that it may be there', async () => {
    const ours = queue(bench.zk);
    await ours.put('one');
    const lost = bench.loseAnswer(Opcode.Multi, async () => (await names('/q')).length === 2);
    const put = expect(ours.put('two')).rejects.toMatchObject({
      code: 'ConnectionLoss',
      maybeApplied: true,
    });
    await lost;
    await put;
  });
});
