import type { ServerHandle } from '@zabra/server';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  BadVersionError,
  CREATOR_ACL,
  isZooKeeperError,
  MultiError,
  NoAuthError,
  NodeExistsError,
  NoNodeError,
  NotEmptyError,
  OPEN_ACL,
  op,
  READ_ACL,
  withoutProtection,
  type ZooKeeper,
} from '../index.ts';
import { TestClients } from '../testing/test-clients.ts';
import { startTestServer } from '../testing/test-server.ts';

const clients = new TestClients();
let server: ServerHandle;
let zk: ZooKeeper;
/** How long may be waited for what takes no time on a quiet machine. */
const SOON = { timeout: 20_000 };
let nextRoot = 0;

beforeAll(async () => {
  server = await startTestServer();
});

afterEach(() => clients.close());

afterAll(() => server.close());

/** Each test sees a tree of its own; all of them see that their paths are not the server's. */
async function begin(): Promise<void> {
  nextRoot += 1;
  zk = await clients.connect(`${server.connectString}/test-${nextRoot}`, { ensureChroot: true });
}

async function failure(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => null,
    (error) => error,
  );
}

describe('reads and writes', () => {
  it('create, read, set and delete a node', async () => {
    await begin();
    const created = await zk.create('/a', 'one');
    expect(created).toMatchObject({ path: '/a', name: 'a', sequence: undefined });
    expect(created.stat).toMatchObject({ version: 0, dataLength: 3, ephemeralOwner: 0n });
    const node = await zk.get('/a');
    expect(node).toEqual({ path: '/a', data: Buffer.from('one'), stat: created.stat });
    expect(Math.abs(Date.now() - node.stat.ctime)).toBeLessThan(3_600_000);
    expect(await zk.set('/a', Buffer.from('two'), { version: 0 })).toMatchObject({ version: 1 });
    expect((await zk.get('/a', { sync: true })).data.toString()).toBe('two');
    expect(await zk.exists('/a')).toMatchObject({ version: 1, czxid: created.stat.czxid });
    expect(await zk.delete('/a', { version: 1 })).toBe(true);
    expect(await zk.exists('/a')).toBeNull();
  });

  it('fail with an error that says what failed, and where', async () => {
    await begin();
    const missing = await failure(zk.get('/none'));
    expect(missing).toBeInstanceOf(NoNodeError);
    expect(isZooKeeperError(missing, 'NoNode')).toBe(true);
    expect(isZooKeeperError(missing, 'NoAuth')).toBe(false);
    expect(missing).toMatchObject({
      name: 'NoNodeError',
      message: 'get /none: there is no such node (NoNode)',
      op: 'get',
      path: '/none',
      maybeApplied: false,
      retryable: false,
      sessionId: zk.session!.id,
    });
    await zk.create('/a/b', '', { parents: true });
    expect(await failure(zk.create('/a'))).toBeInstanceOf(NodeExistsError);
    expect(await failure(zk.set('/a', '', { version: 7 }))).toBeInstanceOf(BadVersionError);
    expect(await failure(zk.delete('/a'))).toBeInstanceOf(NotEmptyError);
    expect(await failure(zk.get('/a//b'))).toMatchObject({
      code: 'InvalidPath',
      message: 'get /a//b: the path has an empty component (two slashes in a row) (InvalidPath)',
    });
  });

  it('read null data as empty, and keep bytes as they are', async () => {
    await begin();
    const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i % 251);
    await zk.create('/a');
    await zk.create('/b', bytes);
    expect((await zk.get('/a')).data).toEqual(Buffer.alloc(0));
    expect(Buffer.compare((await zk.get('/b')).data, bytes)).toBe(0);
  });

  it('list children with the stat of their parent, and count all below', async () => {
    await begin();
    await Promise.all(['/b', '/a', '/a/c', '/a/d'].map((path) => zk.create(path)));
    const { path, names, stat } = await zk.children('/a');
    expect([path, [...names].sort()]).toEqual(['/a', ['c', 'd']]);
    expect(stat.numChildren).toBe(2);
    expect(await zk.childCount('/')).toBe(4);
  });

  it('keep the order in which they are called', async () => {
    await begin();
    const told: string[] = [];
    const tell = (what: string) => () => void told.push(what);
    await Promise.all([
      zk.create('/a', '0').then(tell('create')),
      zk.set('/a', '1').then(tell('set')),
      zk.get('/a').then(({ data }) => told.push(`get ${data}`)),
      zk.sync().then(tell('sync')),
      zk.delete('/a').then(tell('delete')),
      zk.exists('/a').then((stat) => told.push(`exists ${stat}`)),
    ]);
    expect(told).toEqual(['create', 'set', 'get 1', 'sync', 'delete', 'exists null']);
  });
});

describe('create', () => {
  it('numbers sequential nodes', async () => {
    await begin();
    await zk.create('/q');
    const made = await Promise.all(
      [1, 2, 3].map(() => zk.create('/q/n-', '', { sequential: true })),
    );
    expect(made.map(({ sequence }) => sequence)).toEqual([0, 1, 2]);
    expect(made[2]).toMatchObject({ path: '/q/n-0000000002', name: 'n-0000000002' });
    expect(await zk.create('/q/', '', { sequential: true })).toMatchObject({ name: '0000000003' });
  });

  it('makes ephemerals, containers and nodes with a ttl', async () => {
    await begin();
    const ephemeral = await zk.create('/e', '', { mode: 'ephemeral' });
    expect(ephemeral.stat.ephemeralOwner).toBe(zk.session!.id);
    const numbered = await zk.create('/e-', '', { mode: 'ephemeral', sequential: true });
    expect(await zk.ephemerals()).toEqual(expect.arrayContaining(['/e', numbered.path]));
    expect(await zk.ephemerals('/e')).toEqual(['/e']);
    await zk.create('/c', '', { mode: 'container' });
    await zk.create('/t', '', { ttl: 1 });
    const mortal = await zk.create('/t-', '', { ttl: 1, sequential: true });
    expect(mortal.sequence).toBe(4);
    await zk.create('/c/child');
    await zk.delete('/c/child');
    await expect.poll(() => zk.childCount('/'), SOON).toBe(2);
    expect([...(await zk.children('/')).names].sort()).toEqual(['e', numbered.name]);
  });

  it('refuses what no node can be, without asking', async () => {
    await begin();
    const asked = zk.stats.framesSent;
    const refusals = [
      zk.create('/c', '', { mode: 'container', sequential: true }),
      zk.create('/t', '', { mode: 'ephemeral', ttl: 5 }),
      zk.create('/t', '', { ttl: 0.5 }),
      zk.multi([op.create('/t', '', { ttl: -1 })]),
    ];
    for (const refusal of refusals) {
      expect(await failure(refusal)).toMatchObject({ code: 'BadArguments', maybeApplied: false });
    }
    expect(zk.stats.framesSent).toBe(asked);
  });

  it('makes what is missing above, or sets what is there', async () => {
    await begin();
    await zk.create('/a/b/c', '1', { parents: true });
    const plain = await zk.exists('/a/b');
    await zk.create('/x/y/z', '1', { parents: 'container' });
    await zk.delete('/x/y/z');
    await expect.poll(() => zk.exists('/x'), SOON).toBeNull();
    expect(plain).toEqual({ ...(await zk.exists('/a/b')) });
    const set = await zk.create('/a/b/c', '2', { orSet: true });
    expect(set).toMatchObject({ path: '/a/b/c', name: 'c', stat: { version: 1 } });
    const stale = zk.create('/a/b/c', '3', { orSet: { version: 0 } });
    expect(await failure(stale)).toBeInstanceOf(BadVersionError);
    await zk.create('/new', '3', { orSet: true, parents: true });
    expect((await zk.get('/new')).data.toString()).toBe('3');
  });

  it('marks names for those who may lose the answer', async () => {
    await begin();
    const made = await zk.create('/l/lock-', '', {
      protect: true,
      parents: 'container',
      mode: 'ephemeral',
      sequential: true,
    });
    expect(made.name).toMatch(/^_c_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-lock-0000000000$/);
    expect(made.sequence).toBe(0);
    expect(withoutProtection(made.name)).toBe('lock-0000000000');
    expect(withoutProtection('_c_lock')).toBe('_c_lock');
  });
});

describe('delete', () => {
  it('may find nothing', async () => {
    await begin();
    expect(await zk.delete('/none', { missingOk: true })).toBe(false);
    expect(await failure(zk.delete('/none'))).toBeInstanceOf(NoNodeError);
  });

  it('takes everything below along', async () => {
    await begin();
    const leaves = Array.from({ length: 600 }, (_, i) => `/a/b/${i}`);
    await zk.ensurePath('/a/b');
    await zk.ensurePath('/a/c/d/e');
    await Promise.all(leaves.map((path) => zk.create(path)));
    expect(await zk.delete('/a', { recursive: true })).toBe(true);
    expect(await zk.childCount('/')).toBe(0);
    expect(await zk.delete('/a', { recursive: true, missingOk: true })).toBe(false);
  });
});

describe('a wide and deep tree', () => {
  it('is deleted without asking for more at a time than may wait', async () => {
    await begin();
    const tops = Array.from({ length: 20 }, (_, i) => `/wide/${i}`);
    await Promise.all(tops.map((top) => zk.ensurePath(top)));
    const leaves = tops.flatMap((top) => Array.from({ length: 20 }, (_, i) => `${top}/${i}`));
    await Promise.all(leaves.map((leaf) => zk.create(leaf)));
    const narrow = await clients.connect(`${server.connectString}${zk.namespace}`, {
      maxInFlight: 1,
      offlineQueue: { maxRequests: 50 },
    });
    expect(await narrow.delete('/wide', { recursive: true })).toBe(true);
    expect(await zk.exists('/wide')).toBeNull();
  });
});

describe('access control lists', () => {
  it('are read, set and kept', async () => {
    await begin();
    await zk.create('/a', '', { acl: READ_ACL });
    expect(await zk.getAcl('/a')).toMatchObject({ acl: READ_ACL, stat: { aversion: 0 } });
    expect(await failure(zk.set('/a', ''))).toBeInstanceOf(NoAuthError);
    expect(await failure(zk.setAcl('/a', OPEN_ACL))).toBeInstanceOf(NoAuthError);
    await zk.create('/b');
    expect(await zk.setAcl('/b', READ_ACL, { version: 0 })).toMatchObject({ aversion: 1 });
    expect(await failure(zk.setAcl('/b', READ_ACL, { version: 0 }))).not.toBeNull();
  });

  it('may be said once for many calls', async () => {
    await begin();
    await zk.addAuth({ scheme: 'digest', auth: 'ann:secret' });
    expect(await zk.whoAmI()).toContainEqual({ scheme: 'digest', id: 'ann' });
    await zk.with({ acl: CREATOR_ACL }).create('/mine');
    const other = await clients.connect(`${server.connectString}${zk.namespace}`);
    expect(await failure(other.get('/mine'))).toBeInstanceOf(NoAuthError);
    const again = await clients.connect(`${server.connectString}${zk.namespace}`, {
      auth: [{ scheme: 'digest', auth: Buffer.from('ann:secret') }],
    });
    expect(await again.get('/mine')).toMatchObject({ path: '/mine' });
  });
});

describe('subtrees', () => {
  it('are made, walked and seen as everything', async () => {
    await begin();
    await zk.ensurePath('/a/b/c');
    await zk.ensurePath('/a/b/c');
    await zk.create('/a/d', 'x');
    const paths = async (options: object) => {
      const found: string[] = [];
      for await (const { path } of zk.walk('/a', options)) found.push(path);
      return found;
    };
    expect(await paths({})).toEqual(['/a', '/a/b', '/a/b/c', '/a/d']);
    expect(await paths({ order: 'post' })).toEqual(['/a/b/c', '/a/b', '/a/d', '/a']);
    expect(await paths({ depth: 1 })).toEqual(['/a', '/a/b', '/a/d']);
    const inner = zk.namespaced('/a').namespaced('/b');
    expect(inner.namespace).toBe(`${zk.namespace}/a/b`);
    expect((await inner.children('/')).names).toEqual(['c']);
    await inner.create('/e', '', { mode: 'ephemeral' });
    expect(await inner.ephemerals()).toEqual(['/e']);
    expect(await zk.ephemerals()).toEqual(['/a/b/e']);
    await inner.close();
    expect(await zk.exists('/a/b/e')).not.toBeNull();
    const fresh = zk.namespaced('/not/there');
    await fresh.ensurePath('/yet');
    expect(await zk.exists('/not/there/yet')).not.toBeNull();
    expect(() => zk.namespaced('a')).toThrow(/does not start with a slash/);
  });
});

describe('multi', () => {
  it('does all at once, and answers each part', async () => {
    await begin();
    await zk.create('/a');
    const [made, set, checked, deleted] = await zk.multi([
      op.create('/n-', 'x', { sequential: true }),
      op.set('/a', 'y', { version: 0 }),
      op.check('/a', 1),
      op.delete('/a'),
    ]);
    expect(made).toMatchObject({ path: '/n-0000000001', sequence: 1, stat: { version: 0 } });
    expect(set.version).toBe(1);
    expect([checked, deleted]).toEqual([undefined, undefined]);
    expect(await zk.exists('/a')).toBeNull();
    expect(await zk.multi([])).toEqual([]);
  });

  it('does nothing if a part cannot be done, and says which', async () => {
    await begin();
    const error = await failure(
      zk.multi([op.create('/a'), op.delete('/none'), op.create('/b', '', { ttl: 5000 })]),
    );
    expect(error).toBeInstanceOf(MultiError);
    expect(error).toMatchObject({
      code: 'NoNode',
      index: 1,
      path: '/none',
      results: ['Ok', 'NoNode', 'RuntimeInconsistency'],
      maybeApplied: false,
      message: 'multi delete /none, number 1 of 3: there is no such node (NoNode)',
    });
    expect(await zk.exists('/a')).toBeNull();
    expect(await failure(zk.multi([op.delete('none')]))).toMatchObject({ code: 'InvalidPath' });
  });

  it('can be put together by a function', async () => {
    await begin();
    await zk.create('/a');
    const { job, both } = await zk.transaction((t) => ({
      job: t.create('/job-', '', { sequential: true }),
      both: [t.set('/a', 'x'), t.check('/a', 1)],
    }));
    expect(job.path).toBe('/job-0000000001');
    // Only what stands in the object itself is filled in; slots deeper down are asked.
    expect(both[0]).toMatchObject({ value: { version: 1 } });
    const [made, again] = await zk.transaction((t) => [t.create('/x'), t.delete('/x')] as const);
    expect([made.path, again]).toEqual(['/x', undefined]);
    const single = await zk.transaction((t) => t.set('/a', 'y'));
    expect(single.version).toBe(2);
    const failed = zk.transaction((t) => t.check('/a', 77));
    expect(await failure(failed)).toMatchObject({ code: 'BadVersion', index: 0 });
  });
});

describe('readMany', () => {
  it('answers each part for itself', async () => {
    await begin();
    await zk.create('/a', 'x');
    await zk.create('/a/b');
    const [node, missing, names] = await zk.readMany([
      op.get('/a'),
      op.get('/none'),
      op.children('/a'),
    ]);
    expect(node).toMatchObject({ ok: true, value: { path: '/a', data: Buffer.from('x') } });
    expect(node.ok && node.value.stat.numChildren).toBe(1);
    expect(missing).toMatchObject({ ok: false, error: { code: 'NoNode', path: '/none' } });
    expect(names).toEqual({ ok: true, value: ['b'] });
  });
});

describe('the ensemble', () => {
  it('tells who belongs to it, wherever the client has its root', async () => {
    await begin();
    const config = await zk.config();
    expect(config.version).toBe(0n);
    expect(config.members).toEqual([]);
    expect(await failure(zk.reconfig({ joining: [], members: [] }))).toMatchObject({
      code: 'BadArguments',
    });
    const refused = await failure(zk.reconfig({ leaving: [1] }));
    expect(['ReconfigDisabled', 'Unimplemented']).toContain((refused as { code: string }).code);
  });
});
