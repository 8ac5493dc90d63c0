import { Opcode } from '@zabra/wire';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RecipeBench } from '../../testing/recipe-bench.ts';
import { Counter } from './counter.ts';

const bench = new RecipeBench();
beforeAll(() => bench.start());
beforeEach(() => bench.begin());
afterEach(() => bench.end());
afterAll(() => bench.stop());

async function hex(): Promise<string> {
  return (await bench.other.get('/c')).data.toString('hex');
}

describe('a counter', () => {
  it("has the bytes of Curator's and kazoo's", async () => {
    const long = new Counter(bench.zk, '/c');
    expect(await long.get()).toBe(0n);
    expect(await long.add(258n)).toEqual({ before: 0n, after: 258n, attempts: 1 });
    expect(await hex()).toBe('0000000000000102');
    expect(await long.add(-259n)).toMatchObject({ after: -1n });
    expect(await hex()).toBe('ffffffffffffffff');
    await expect(new Counter(bench.zk, '/c', { encoding: 'int32' }).get()).rejects.toMatchObject({
      code: 'BadValue',
    });
    await bench.other.set('/c', '');
    const int = new Counter(bench.zk, '/c', { encoding: 'int32' });
    expect(await int.add(-2)).toMatchObject({ before: 0, after: -2 });
    expect(await hex()).toBe('fffffffe');
    await bench.other.set('/c', '3.5');
    const decimal = new Counter(bench.zk, '/c', { encoding: 'decimal' });
    expect(await decimal.add(1)).toMatchObject({ before: 3.5, after: 4.5 });
    expect((await bench.other.get('/c')).data.toString()).toBe('4.5');
  });

  it('loses nothing when many count', async () => {
    const counters = [bench.zk, bench.other].map((zk) => new Counter(zk, '/c'));
    const adds = counters.flatMap((counter) =>
      Array.from({ length: 20 }, (_, i) => counter.add(BigInt(i % 3))),
    );
    const counted = await Promise.all(adds);
    expect(await counters[0]!.get()).toBe(38n);
    const changed = counted.filter(({ before, after }) => before !== after);
    expect(new Set(changed.map(({ after }) => after)).size).toBe(changed.length);
  });

  it('gives out numbers, sets what is as expected, and does not overflow', async () => {
    const counter = new Counter(bench.zk, '/c');
    expect(await counter.reserve(100n)).toEqual({ from: 0n, to: 100n });
    expect(await counter.compareAndSet(99n, 0n)).toBe(false);
    expect(await counter.compareAndSet(100n, 2n ** 63n - 1n)).toBe(true);
    await expect(counter.add(1n)).rejects.toMatchObject({ code: 'BadArguments' });
    expect(await counter.get()).toBe(2n ** 63n - 1n);
  });

  it('can be given up', async () => {
    const counter = new Counter(bench.zk, '/c');
    bench.proxy.isTalking = false;
    await expect(counter.add(1n, { timeout: 20 })).rejects.toMatchObject({
      code: 'RequestTimeout',
      op: 'add',
    });
    await expect(counter.add(1n, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'Aborted',
    });
  });
});

describe('where the connection breaks behind a write', () => {
  it('that did not come through, it is done again', async () => {
    const counter = new Counter(bench.zk, '/c');
    await counter.add(1n);
    let asked = 0;
    bench.proxy.judge = (opcode) => {
      if (opcode !== Opcode.SetData) return null;
      asked += 1;
      return asked === 1 ? { answer: null } : null;
    };
    expect(await counter.add(1n)).toMatchObject({ after: 2n, attempts: 2 });
    expect(await new Counter(bench.other, '/c').get()).toBe(2n);
  });

  it('that may have come through, it says so, and reserving goes on', async () => {
    const counter = new Counter(bench.zk, '/c');
    const theirs = new Counter(bench.other, '/c');
    await counter.add(1n);
    const lost = bench.loseAnswer(Opcode.SetData, async () => (await theirs.get()) === 2n);
    const added = expect(counter.add(1n)).rejects.toMatchObject({ maybeApplied: true });
    await lost;
    await added;
    expect(await theirs.get()).toBe(2n);
    const again = bench.loseAnswer(Opcode.SetData, async () => (await theirs.get()) === 12n);
    const reserved = counter.reserve(10n);
    await again;
    expect(await reserved).toEqual({ from: 12n, to: 22n });
  });
});
