import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ZooKeeper } from '../../index.ts';
import { RecipeBench, SOON } from '../../testing/recipe-bench.ts';
import { Group } from './group.ts';
import { PersistentNode } from './persistent-node.ts';

const bench = new RecipeBench();
beforeAll(() => bench.start());
beforeEach(() => bench.begin());
afterEach(() => bench.end());
afterAll(() => bench.stop());

async function data(path: string): Promise<string | null> {
  return bench.other.get(path).then(
    (node) => node.data.toString(),
    () => null,
  );
}

describe('a persistent node', () => {
  it('comes back when it is deleted, with the newest data, until it is closed', async () => {
    const node = await PersistentNode.open(bench.zk, '/p/n', 'one');
    expect(await data('/p/n')).toBe('one');
    expect(node.isThere).toBe(true);
    expect((await bench.other.get('/p/n')).stat.ephemeralOwner).toBe(bench.zk.session!.id);
    await bench.other.delete('/p/n');
    await expect.poll(() => data('/p/n'), SOON).toBe('one');
    await node.set('two');
    expect(await data('/p/n')).toBe('two');
    await bench.other.delete('/p/n');
    await expect.poll(() => data('/p/n'), SOON).toBe('two');
    await node.close();
    await node.close();
    expect(await data('/p/n')).toBeNull();
    expect(node.isThere).toBe(false);
    expect(bench.zk.stats.watches).toBe(0);
  });

  it('is made again in a new session, and survives a broken connection', async () => {
    await using node = await PersistentNode.open(bench.zk, '/p/n', 'one');
    bench.proxy.isOpen = false;
    bench.proxy.cut();
    await bench.other.delete('/p/n');
    bench.proxy.isOpen = true;
    await expect.poll(() => data('/p/n'), SOON).toBe('one');
    await bench.expire();
    await expect.poll(() => data('/p/n'), SOON).toBe('one');
    await expect.poll(() => node.isThere, SOON).toBe(true);
  });

  it('takes over what is there already, and is of any kind', async () => {
    await bench.other.create('/p/n', 'theirs', { parents: true });
    await using node = await PersistentNode.open(bench.zk, '/p/n', 'ours', { mode: 'persistent' });
    expect(await data('/p/n')).toBe('ours');
    await using kept = await PersistentNode.open(bench.zk, '/p/t', 'x', { ttl: 60_000 });
    expect(await data('/p/t')).toBe('x');
    expect([node.isThere, kept.isThere]).toEqual([true, true]);
  });

  it('says why it cannot be made, and leaves nothing when it is given up', async () => {
    const acl = [{ perms: 1, id: { scheme: 'world', id: 'anyone' } }];
    await bench.other.create('/shut', '', { acl });
    const refused = PersistentNode.open(bench.zk, '/shut/n', 'x');
    await expect(refused).rejects.toMatchObject({ code: 'NoAuth' });
    bench.proxy.isTalking = false;
    const late = PersistentNode.open(bench.zk, '/p/late', 'x', { timeout: 30 });
    await expect(late).rejects.toMatchObject({ code: 'RequestTimeout' });
    bench.proxy.cut();
    bench.proxy.isTalking = true;
    await bench.zk.sync();
    await expect.poll(() => data('/p/late'), SOON).toBeNull();
    await expect.poll(() => bench.zk.stats.watches, SOON).toBe(0);
  });
});

describe('a group', () => {
  function join(zk: ZooKeeper, id: string): Promise<Group<string>> {
    return Group.join(zk, '/g', id, `payload of ${id}`);
  }

  it('shows its members to each other, as they come, change and go', async () => {
    await using ours = await join(bench.zk, 'ann');
    const changes = ours.changes();
    expect([...(await changes.next()).value!]).toEqual([['ann', 'payload of ann']]);
    const theirs = await join(bench.other, 'bob');
    expect(await data('/g/bob')).toBe('payload of bob');
    await expect.poll(() => ours.members().get('bob'), SOON).toBe('payload of bob');
    expect([...theirs.members().keys()].sort()).toEqual(['ann', 'bob']);
    await theirs.setPayload('changed');
    await expect.poll(() => ours.members().get('bob'), SOON).toBe('changed');
    await theirs.close();
    await expect.poll(() => [...ours.members().keys()], SOON).toEqual(['ann']);
    let last = new Map<string, string>() as ReadonlyMap<string, string>;
    while (last.size !== 1) last = (await changes.next()).value!;
    expect(await data('/g/bob')).toBeNull();
  });

  it('has its members again in a new session', async () => {
    await using ours = await join(bench.zk, 'ann');
    await using theirs = await join(bench.other, 'bob');
    await bench.expire();
    expect(ours.members().has('ann')).toBe(true);
    const owner = async () =>
      (await bench.other.exists('/g/ann'))?.ephemeralOwner === bench.zk.session?.id;
    await expect.poll(owner, SOON).toBe(true);
    await expect.poll(() => theirs.members().has('ann'), SOON).toBe(true);
  });

  it("can be kazoo's parties, and refuses to mix them", async () => {
    const id = 'ann';
    await using party = await Group.join(bench.zk, '/party', id, '', { layout: 'kazoo' });
    const [name] = (await bench.other.children('/party')).names;
    expect(name).toMatch(/^[0-9a-f]{32}__party__$/);
    expect(await data(`/party/${name}`)).toBe('ann');
    await using shallow = await Group.join(bench.zk, '/shallow', id, '', {
      layout: 'kazoo-shallow',
    });
    expect((await bench.other.children('/shallow')).names[0]).toMatch(/^[0-9a-f]{32}-ann$/);
    await using other = await Group.join(bench.other, '/party', 'bob', '', { layout: 'kazoo' });
    expect([...other.members().keys()].sort()).toEqual(['ann', 'bob']);
    expect([party.id, shallow.id]).toEqual([id, id]);
    await expect(Group.join(bench.other, '/party', 'eve', '')).rejects.toMatchObject({
      code: 'ForeignLayout',
      message: expect.stringContaining("kazoo's Party"),
    });
    expect(await data('/party/eve')).toBeNull();
  });
});
