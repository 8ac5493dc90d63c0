import type { ServerHandle } from '@zabra/server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CallDefaults, codecs, type ZooKeeper } from '../../index.ts';
import { TestClients } from '../../testing/test-clients.ts';
import { TestProxy } from '../../testing/test-proxy.ts';
import { startTestServer } from '../../testing/test-server.ts';
import type { CacheEvent } from './cache-event.ts';
import { TreeCache } from './tree-cache.ts';

const clients = new TestClients();
let server: ServerHandle;
let proxy: TestProxy;

const SOON = { timeout: 20_000 };

let nextRoot = 0;
/** Has the cache, over a connection that can break. */
let zk: ZooKeeper;
/** Changes what is cached. */
let other: ZooKeeper;

beforeAll(async () => {
  server = await startTestServer();
});

beforeEach(async () => {
  nextRoot += 1;
  const root = `/cached-${nextRoot}`;
  proxy = await TestProxy.start(server.port);
  other = await clients.connect(`${server.connectString}${root}`, { ensureChroot: true });
  zk = await clients.connect(`${proxy.connectString}${root}`);
});

afterEach(async () => {
  await clients.close();
  await proxy.close();
});

afterAll(() => server.close());

function show(event: CacheEvent<string>): string {
  switch (event.type) {
    case 'created':
      return `created ${event.node.path}=${event.node.data}`;
    case 'changed':
      return `changed ${event.node.path} ${event.previous.data}->${event.node.data}`;
    case 'deleted':
      return `deleted ${event.previous.path}=${event.previous.data}`;
    case 'invalid':
      return `invalid ${event.path}`;
    default:
      return event.type;
  }
}

/** So many events, as they come; fewer if they end. */
async function take(
  events: AsyncIterableIterator<CacheEvent<string>>,
  count: number,
): Promise<string[]> {
  const shown: string[] = [];
  while (shown.length < count) {
    const { done, value } = await events.next();
    if (done === true) break;
    shown.push(show(value));
  }
  return shown;
}

function open(options: object = {}, path = '/a'): Promise<TreeCache<string>> {
  return TreeCache.open(zk, path, { codec: codecs.utf8, ...options });
}

/** All that it holds, `path=data`. */
function content(cache: TreeCache<string>): string[] {
  return [...cache].map(({ path, data }) => `${path}=${data}`).sort();
}

/** All that there is. */
async function truth(path = '/a', depth = Number.POSITIVE_INFINITY): Promise<string[]> {
  const nodes: string[] = [];
  for await (const node of other.walk(path, { depth })) nodes.push(`${node.path}=${node.data}`);
  return nodes.sort();
}

async function plant(...paths: string[]): Promise<void> {
  for (const path of paths) await other.create(path, path.slice(1), { parents: true });
}

describe('a cache', () => {
  it('holds the subtree and follows it', async () => {
    await plant('/a', '/a/b', '/a/b/c');
    await using cache = await open();
    expect(content(cache)).toEqual(['/a/b/c=a/b/c', '/a/b=a/b', '/a=a']);
    expect(cache.stale).toBe(false);
    const changes = cache.changes();
    await plant('/a/d', '/a/d/e');
    expect(await take(changes, 2)).toEqual(['created /a/d=a/d', 'created /a/d/e=a/d/e']);
    await other.set('/a/b', 'new');
    expect(await take(changes, 1)).toEqual(['changed /a/b a/b->new']);
    await other.delete('/a/b', { recursive: true });
    expect(await take(changes, 2)).toEqual(['deleted /a/b/c=a/b/c', 'deleted /a/b=new']);
    expect(cache.size).toBe(3);
    expect([...cache.children().keys()]).toEqual(['d']);
    expect(cache.children('/a/d').get('e')?.data).toBe('a/d/e');
    expect(cache.get('/a/d')?.data).toBe('a/d');
    expect(cache.get('/a/b')).toBeUndefined();
    await changes.return?.();
  });

  it('can be of what is not there yet, and of the whole tree', async () => {
    await using cache = await open();
    await using all = await TreeCache.open(zk, '/', { codec: codecs.utf8 });
    expect(cache.size).toBe(0);
    const changes = cache.changes();
    await plant('/a', '/a/b');
    expect(await take(changes, 2)).toEqual(['created /a=a', 'created /a/b=a/b']);
    await expect.poll(() => all.get('/a/b')?.data, SOON).toBe('a/b');
    expect([...all.children().keys()]).toContain('a');
    await other.delete('/a', { recursive: true });
    await expect.poll(() => cache.size, SOON).toBe(0);
  });

  it('shows first what is there, if it is asked to', async () => {
    await plant('/a', '/a/b');
    await using cache = await open();
    const changes = cache.changes({ initial: true });
    expect(await take(changes, 3)).toEqual(['created /a=a', 'created /a/b=a/b', 'initialized']);
  });

  it('can be of one node, or of its children alone', async () => {
    await plant('/a', '/a/b', '/a/b/c');
    await using node = await open({ depth: 0 });
    await using children = await open({ depth: 1 });
    expect(content(node)).toEqual(['/a=a']);
    expect(content(children)).toEqual(['/a/b=a/b', '/a=a']);
    await plant('/a/d', '/a/d/e');
    await other.set('/a', 'new');
    await other.set('/a/b', 'new');
    await expect.poll(() => content(node), SOON).toEqual(['/a=new']);
    await expect.poll(() => content(children), SOON).toEqual(await truth('/a', 1));
  });

  it('leaves out what is not wanted, with everything below', async () => {
    await plant('/a', '/a/no', '/a/no/yes', '/a/yes');
    await using cache = await open({ filter: (path: string) => !path.endsWith('no') });
    expect(content(cache)).toEqual(['/a/yes=a/yes', '/a=a']);
    await plant('/a/yes/no', '/a/yes/no/yes', '/a/no/more', '/a/more');
    await expect
      .poll(() => content(cache), SOON)
      .toEqual(['/a/more=a/more', '/a/yes=a/yes', '/a=a']);
  });

  it('can do without data', async () => {
    await plant('/a', '/a/b');
    await using cache = await TreeCache.open(zk, '/a', { keepData: false });
    expect(cache.get('/a/b')).toMatchObject({ data: undefined, stat: { dataLength: 3 } });
    const changes = cache.changes();
    await other.set('/a/b', 'longer');
    expect((await changes.next()).value).toMatchObject({
      type: 'changed',
      node: { data: undefined, stat: { dataLength: 6, version: 1 } },
    });
  });

  it('takes a node that came back for another one', async () => {
    await plant('/a', '/a/b', '/a/b/c');
    await using cache = await open();
    await other.multi([
      { type: 'delete', path: '/a/b/c', version: -1 },
      { type: 'delete', path: '/a/b', version: -1 },
      { type: 'create', path: '/a/b', data: 'again', options: {} },
    ]);
    await expect.poll(() => content(cache), SOON).toEqual(['/a/b=again', '/a=a']);
  });
});

describe('a reader of changes that lags', () => {
  it('is told the difference to what it has seen', async () => {
    await plant('/a', '/a/b', '/a/gone');
    await using cache = await open();
    const changes = cache.changes();
    for (const data of ['1', '2', '3']) await other.set('/a/b', data);
    await plant('/a/brief', '/a/new');
    await other.set('/a/new', 'newer');
    await other.delete('/a/brief');
    await other.delete('/a/gone');
    await expect.poll(() => content(cache), SOON).toEqual(await truth());
    expect(await take(changes, 3)).toEqual([
      'changed /a/b a/b->3',
      'created /a/new=newer',
      'deleted /a/gone=a/gone',
    ]);
  });

  it('ends with its signal, its loop and the cache', async () => {
    await plant('/a');
    const cache = await open();
    const ended = new AbortController();
    const aborted = take(cache.changes({ signal: ended.signal }), 1);
    ended.abort();
    expect(await aborted).toEqual([]);
    expect(await take(cache.changes({ signal: ended.signal }), 1)).toEqual([]);
    for await (const event of cache.changes({ initial: true })) {
      expect(show(event)).toBe('created /a=a');
      break;
    }
    const closed = take(cache.changes(), 1);
    await cache.close();
    expect(await closed).toEqual([]);
    expect(await take(cache.changes(), 1)).toEqual([]);
    expect(zk.stats.watches).toBe(0);
  });
});

describe('data that is no value', () => {
  it('is told of and left out, and comes when it is one', async () => {
    await plant('/a', '/a/b');
    await other.set('/a', '1');
    await using cache = await TreeCache.open(zk, '/a', { codec: codecs.decimal });
    expect(cache.size).toBe(1);
    const changes = cache.changes();
    await other.set('/a', 'no number');
    await other.set('/a/b', '7');
    await expect.poll(() => cache.get('/a/b')?.data, SOON).toBe(7);
    const types: string[] = [];
    for (let i = 0; i < 3; i += 1) types.push((await changes.next()).value!.type);
    expect(types.sort()).toEqual(['created', 'deleted', 'invalid']);
    await other.create('/a/b/c', '8');
    await expect.poll(() => cache.get('/a/b/c')?.data, SOON).toBe(8);
  });

  it('can be skipped without a word', async () => {
    await plant('/a', '/a/b');
    const cache = await TreeCache.open(zk, '/a', {
      codec: codecs.decimal,
      onDecodeError: 'skip',
    });
    const changes = cache.changes({ initial: true });
    expect((await changes.next()).value).toEqual({ type: 'initialized' });
    await cache.close();
    expect(await changes.next()).toMatchObject({ done: true });
  });

  it('is no reason to leave out what may be read', async () => {
    const nobody = { acl: [{ perms: 31, id: { scheme: 'digest', id: 'who:knows' } }] };
    await plant('/a', '/a/b');
    await other.with(nobody as CallDefaults).create('/a/secret', 'x');
    await using cache = await open();
    expect(content(cache)).toEqual(['/a/b=a/b', '/a=a']);
  });
});

describe('over a broken connection', () => {
  it('is stale until all that was missed has been read', async () => {
    await plant('/a', '/a/b', '/a/b/c', '/a/gone');
    await using cache = await open();
    const changes = cache.changes();
    proxy.isOpen = false;
    proxy.cut();
    expect(await take(changes, 1)).toEqual(['stale']);
    expect(cache.stale).toBe(true);
    await other.set('/a/b/c', 'new');
    await other.delete('/a/gone');
    await plant('/a/late', '/a/late/r');
    proxy.isOpen = true;
    const told = await take(changes, 5);
    expect(told.at(-1)).toBe('fresh');
    expect(told.slice(0, 4).sort()).toEqual([
      'changed /a/b/c a/b/c->new',
      'created /a/late/r=a/late/r',
      'created /a/late=a/late',
      'deleted /a/gone=a/gone',
    ]);
    expect(cache.stale).toBe(false);
    expect(content(cache)).toEqual(await truth());
  });

  it('sees the children of a node that was made anew meanwhile', async () => {
    await plant('/a', '/a/b', '/a/b/old');
    await using cache = await open();
    proxy.isOpen = false;
    proxy.cut();
    await other.delete('/a/b', { recursive: true });
    await plant('/a/b', '/a/b/new');
    proxy.isOpen = true;
    await expect.poll(() => content(cache), SOON).toEqual(await truth());
  });

  it('goes on in a new session', async () => {
    await plant('/a', '/a/b');
    await using cache = await open();
    const changes = cache.changes();
    const { id, password } = zk.session!;
    const taken = await clients.connect(server.connectString, { session: { id, password } });
    await taken.close();
    await plant('/a/c');
    await expect.poll(() => content(cache), SOON).toEqual(await truth());
    await expect.poll(() => cache.stale, SOON).toBe(false);
    const told: string[] = [];
    while (told.at(-1) !== 'fresh') told.push(...(await take(changes, 1)));
    expect(told).toContain('created /a/c=a/c');
  });

  it('ends as the tree is, however often it breaks', async () => {
    await plant('/a');
    await using cache = await open();
    for (let round = 0; round < 12; round += 1) {
      const writes: Promise<unknown>[] = [];
      for (let i = 0; i < 40; i += 1) {
        const path = `/a/${(i * 7 + round) % 11}`;
        const change =
          (i + round) % 3 === 0
            ? other.delete(path, { recursive: true, missingOk: true })
            : other.create(`${path}/x${i % 4}`, `${round}.${i}`, { parents: true, orSet: true });
        writes.push(change.catch(() => {}));
      }
      if (round % 2 === 0) proxy.cut();
      await Promise.all(writes);
    }
    await expect.poll(() => content(cache), SOON).toEqual(await truth());
  });
});

describe('opening a cache', () => {
  it('can be given up', async () => {
    await plant('/a');
    proxy.isTalking = false;
    await expect(open({ timeout: 50 })).rejects.toMatchObject({ code: 'RequestTimeout' });
    const given = new AbortController();
    const opened = open({ signal: given.signal });
    given.abort();
    await expect(opened).rejects.toMatchObject({ code: 'Aborted' });
    proxy.isTalking = true;
    proxy.cut();
    await zk.sync();
    await expect.poll(() => zk.stats.watches, SOON).toBe(0);
  });

  it('fails where it has no room', async () => {
    await plant('/a', '/a/b', '/a/c');
    await expect(open({ maxNodes: 2 })).rejects.toMatchObject({ code: 'Overflow' });
    await expect(open({ maxBytes: 10 })).rejects.toMatchObject({ code: 'Overflow' });
  });

  it('that has no room later ends its readers with an error', async () => {
    await plant('/a');
    await using cache = await open({ maxNodes: 2 });
    const changes = cache.changes();
    await plant('/a/b', '/a/c');
    await expect(take(changes, 9)).rejects.toMatchObject({ code: 'Overflow' });
    expect(cache.stale).toBe(true);
  });

  it('fails on a client that is closed', async () => {
    await zk.close();
    await expect(open()).rejects.toMatchObject({ code: 'Closed' });
  });
});
