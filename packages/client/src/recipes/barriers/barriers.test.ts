import { Opcode } from '@zabra/wire';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RecipeBench, SOON } from '../../testing/recipe-bench.ts';
import { Barrier } from './barrier.ts';
import { DoubleBarrier, type DoubleBarrierLayout } from './double-barrier.ts';

const bench = new RecipeBench();
beforeAll(() => bench.start());
beforeEach(() => bench.begin());
afterEach(() => bench.end());
afterAll(() => bench.stop());

describe('a barrier', () => {
  it('holds until it is lifted, over a broken connection', async () => {
    const ours = new Barrier(bench.zk, '/b');
    const theirs = new Barrier(bench.other, '/b');
    await ours.wait();
    expect(await theirs.set()).toBe(true);
    expect(await ours.set()).toBe(false);
    let isThrough = false;
    const waiting = ours.wait().then(() => {
      isThrough = true;
    });
    await expect(ours.wait({ timeout: 20 })).rejects.toMatchObject({ code: 'RequestTimeout' });
    bench.proxy.cut();
    await bench.zk.sync();
    expect(isThrough).toBe(false);
    expect(await theirs.lift()).toBe(true);
    await waiting;
    expect(await theirs.lift()).toBe(false);
    await expect.poll(() => bench.zk.stats.watches, SOON).toBe(0);
  });

  it('that was lifted while the connection was away lets everybody go', async () => {
    const ours = new Barrier(bench.zk, '/b');
    await ours.set();
    const waiting = ours.wait();
    await expect.poll(() => bench.zk.stats.watches, SOON).toBe(1);
    bench.proxy.isOpen = false;
    bench.proxy.cut();
    await bench.other.delete('/b');
    bench.proxy.isOpen = true;
    await waiting;
  });

  it('is lifted also where the answer was lost', async () => {
    const ours = new Barrier(bench.zk, '/b');
    await ours.set();
    const isGone = async () => (await bench.other.exists('/b')) === null;
    const lost = bench.loseAnswer(Opcode.Delete, isGone);
    const lifted = ours.lift();
    await lost;
    expect(await lifted).toBe(true);
  });
});

describe.each<DoubleBarrierLayout>(['curator', 'kazoo'])('a double barrier of %s', (layout) => {
  function barriers(): DoubleBarrier[] {
    return [bench.zk, bench.other, bench.other].map(
      (zk) => new DoubleBarrier(zk, '/d', 3, { layout }),
    );
  }

  async function there(): Promise<number> {
    return (await bench.other.exists('/d'))?.numChildren ?? 0;
  }

  it('lets all in together and out together', async () => {
    const [one, two, three] = barriers();
    let entered = 0;
    const count = () => {
      entered += 1;
    };
    const first = [one!.enter().then(count), two!.enter().then(count)];
    await expect.poll(there, SOON).toBe(2);
    expect(entered).toBe(0);
    await three!.enter();
    await Promise.all(first);
    let left = 0;
    const leaving = [one!, two!].map((barrier) =>
      barrier.leave().then(() => {
        left += 1;
      }),
    );
    await bench.zk.sync();
    expect(left).toBe(0);
    await three!.leave();
    await Promise.all(leaving);
    expect(await there()).toBe(0);
    await expect.poll(() => bench.zk.stats.watches, SOON).toBe(0);
  });

  it('does without who gives up, and is entered again in a new session', async () => {
    const [one, two, three] = barriers();
    await expect(one!.enter({ timeout: 100 })).rejects.toMatchObject({ code: 'RequestTimeout' });
    await expect.poll(there, SOON).toBe(0);
    const waiting = one!.enter();
    await expect.poll(there, SOON).toBe(1);
    await bench.expire();
    await Promise.all([waiting, two!.enter(), three!.enter()]);
    bench.proxy.cut();
    await Promise.all([one!.leave(), two!.leave(), three!.leave()]);
    expect(await there()).toBe(0);
  });

  it('refuses members of the other layout', async () => {
    const other = layout === 'curator' ? 'kazoo' : 'curator';
    const foreign = new DoubleBarrier(bench.other, '/d', 2, { layout: other });
    const waiting = foreign.enter({ timeout: 10_000 });
    await expect.poll(there, SOON).toBe(1);
    await expect(barriers()[0]!.enter()).rejects.toMatchObject({ code: 'ForeignLayout' });
    expect(await there()).toBe(1);
    await Promise.all([
      waiting,
      new DoubleBarrier(bench.other, '/d', 2, { layout: other }).enter(),
    ]);
  });
});
