import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codecs, type ZooKeeper } from '../../index.ts';
import { RecipeBench, SOON } from '../../testing/recipe-bench.ts';
import { SharedValue } from './shared-value.ts';

const bench = new RecipeBench();
beforeAll(() => bench.start());
beforeEach(() => bench.begin());
afterEach(() => bench.end());
afterAll(() => bench.stop());

function open(zk: ZooKeeper): Promise<SharedValue<number>> {
  return SharedValue.open(zk, '/v/count', { codec: codecs.int32, seed: 7 });
}

describe('a shared value', () => {
  it('is the same for all, and of two who set it one is refused', async () => {
    await using ours = await open(bench.zk);
    await using theirs = await open(bench.other);
    expect([ours.value, ours.version]).toEqual([7, 0]);
    expect((await bench.other.get('/v/count')).data.toString('hex')).toBe('00000007');
    const changes = theirs.changes();
    await ours.set(8);
    expect(ours.value).toBe(8);
    expect((await changes.next()).value).toBe(8);
    expect(await theirs.trySet(9)).toBe(true);
    expect(await ours.trySet(10, { ifVersion: 1 })).toBe(false);
    expect([ours.value, ours.version]).toEqual([9, 2]);
    expect(await ours.trySet(10)).toBe(true);
    await expect.poll(() => theirs.value, SOON).toBe(10);
  });

  it('goes on over a broken connection, a new session and a node that was deleted', async () => {
    await using ours = await open(bench.zk);
    bench.proxy.cut();
    await bench.other.set('/v/count', Buffer.from('00000001', 'hex'));
    await expect.poll(() => ours.value, SOON).toBe(1);
    await bench.expire();
    await bench.other.set('/v/count', Buffer.from('00000002', 'hex'));
    await expect.poll(() => ours.value, SOON).toBe(2);
    await bench.other.delete('/v/count');
    await expect.poll(() => ours.version, SOON).toBe(-1);
    expect(ours.value).toBe(2);
    expect(await ours.trySet(3)).toBe(true);
    await bench.other.delete('/v/count');
    await expect.poll(() => ours.version, SOON).toBe(-1);
    await ours.set(4);
    expect([ours.value, ours.version]).toEqual([4, 0]);
  });

  it('ends its readers when it is closed, and says when the node has no value', async () => {
    const ours = await open(bench.zk);
    const rest = ours.changes();
    await ours.close();
    expect(await rest.next()).toMatchObject({ done: true });
    await expect.poll(() => bench.zk.stats.watches, SOON).toBe(0);
    await using theirs = await open(bench.other);
    const changes = theirs.changes();
    await bench.zk.set('/v/count', 'no number');
    await expect(changes.next()).rejects.toMatchObject({ code: 'BadValue' });
    await expect(open(bench.zk)).rejects.toMatchObject({ code: 'BadValue' });
    bench.proxy.isTalking = false;
    const given = SharedValue.open(bench.zk, '/w', { codec: codecs.utf8, seed: '', timeout: 20 });
    await expect(given).rejects.toMatchObject({ code: 'RequestTimeout' });
  });
});
