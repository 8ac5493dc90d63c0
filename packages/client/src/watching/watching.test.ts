import type { ServerHandle } from '@zabra/server';
import { ErrorCode, Opcode } from '@zabra/wire';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  codecs,
  observe,
  observeChildren,
  type Watch,
  type WatchEvent,
  type ZooKeeper,
} from '../index.ts';
import { TestClients } from '../testing/test-clients.ts';
import { replyHeader, TestProxy } from '../testing/test-proxy.ts';
import { startTestServer } from '../testing/test-server.ts';

const clients = new TestClients();
let server: ServerHandle;
let proxy: TestProxy;
/** How long may be waited for what takes no time on a quiet machine. */
const SOON = { timeout: 20_000 };
let nextRoot = 0;
/** Watches, over a connection that can break. */
let zk: ZooKeeper;
/** Changes what is watched, over one that does not. */
let other: ZooKeeper;

beforeAll(async () => {
  server = await startTestServer();
});

beforeEach(async () => {
  nextRoot += 1;
  const root = `/watched-${nextRoot}`;
  proxy = await TestProxy.start(server.port);
  other = await clients.connect(`${server.connectString}${root}`, { ensureChroot: true });
  zk = await clients.connect(`${proxy.connectString}${root}`);
});

afterEach(async () => {
  await clients.close();
  await proxy.close();
});

afterAll(() => server.close());

function show(event: WatchEvent): string {
  return event.type === 'resync' ? `resync ${event.reason}` : `${event.type} ${event.path}`;
}

/** So many events, as they come. */
async function take(watch: Watch, count: number): Promise<string[]> {
  const events: string[] = [];
  const iterator = watch[Symbol.asyncIterator]();
  while (events.length < count) {
    const { done, value } = await iterator.next();
    if (done === true) break;
    events.push(show(value));
  }
  return events;
}

function answersUnimplemented(): void {
  proxy.judge = (opcode, xid) =>
    opcode === Opcode.AddWatch ? { answer: replyHeader(xid, ErrorCode.Unimplemented) } : null;
}

describe('the watch of a read', () => {
  it('is told once, before any answer that shows the change', async () => {
    await zk.create('/a');
    const told: string[] = [];
    const watch = (event: WatchEvent) => void told.push(show(event));
    await zk.get('/a', { watch });
    await zk.children('/a', { watch });
    expect(await zk.exists('/b', { watch })).toBeNull();
    await Promise.all([
      zk.set('/a', 'x').then(() => told.push('set')),
      zk.set('/a', 'y').then(() => told.push('set again')),
      zk.create('/b').then(() => told.push('create')),
      zk.create('/a/c').then(() => told.push('create below')),
    ]);
    expect(told).toEqual([
      'changed /a',
      'set',
      'set again',
      'created /b',
      'create',
      'children /a',
      'create below',
    ]);
  });

  it('is not set by a read that fails, and lives on over a broken connection', async () => {
    await zk.create('/a');
    const told: string[] = [];
    const watch = (event: WatchEvent) => void told.push(show(event));
    await expect(zk.get('/none', { watch })).rejects.toMatchObject({ code: 'NoNode' });
    await zk.get('/a', { watch });
    expect(zk.stats.watches).toBe(1);
    proxy.cut();
    await other.set('/a', 'while away');
    await expect.poll(() => told, SOON).toEqual(['changed /a']);
    await other.create('/none');
    await zk.sync();
    expect(told).toEqual(['changed /a']);
  });

  it('may fail without harm to anybody', async () => {
    await zk.create('/a');
    const told: unknown[] = [];
    const listened = new Promise((resolve) => process.once('warning', resolve));
    await zk.get('/a', {
      watch: () => {
        throw new Error('mine');
      },
    });
    await zk.get('/a', { watch: (event) => void told.push(event) });
    await zk.set('/a', 'x');
    expect(told).toHaveLength(1);
    expect(await listened).toMatchObject({ message: 'the listener of a watch has thrown' });
  });
});

describe('a watch', () => {
  it('tells all changes of a node, until it is closed', async () => {
    const watch = zk.watch('/a');
    await watch.armed;
    await other.create('/a', '1');
    await other.set('/a', '2');
    await other.create('/a/b');
    await other.delete('/a', { recursive: true });
    const events = take(watch, 5);
    expect(await events).toEqual([
      'created /a',
      'changed /a',
      'children /a',
      'children /a',
      'deleted /a',
    ]);
    await watch.close();
    await other.create('/a');
    await zk.sync();
    expect(await take(watch, 1)).toEqual([]);
    expect(zk.stats.watches).toBe(0);
    expect(zk.stats.events).toBe(5);
  });

  it('tells the transaction of a change', async () => {
    const watch = zk.watch('/a');
    await watch.armed;
    const { stat } = await other.create('/a');
    const { value } = await watch[Symbol.asyncIterator]().next();
    expect(value).toEqual({ type: 'created', path: '/a', zxid: stat.czxid });
  });

  it('may be of all below, and of some events alone', async () => {
    const told: string[] = [];
    const listener = (event: WatchEvent) => void told.push(show(event));
    await other.create('/a');
    await using all = zk.watch('/', { recursive: true });
    await using some = zk.watch('/', { recursive: true, types: ['deleted'], listener });
    await Promise.all([all.armed, some.armed]);
    await other.create('/a/b');
    await other.set('/a/b', 'x');
    await other.delete('/a/b');
    expect(await take(all, 3)).toEqual(['created /a/b', 'changed /a/b', 'deleted /a/b']);
    expect(told).toEqual(['deleted /a/b']);
  });

  it('ends with its loop, its signal and its client', async () => {
    await zk.create('/a');
    for await (const event of zk.watch('/a', { signal: changeSoon('/a') })) {
      expect(show(event)).toBe('changed /a');
      break;
    }
    await zk.sync();
    expect(zk.stats.watches).toBe(0);
    const ended = new AbortController();
    const aborted = zk.watch('/a', { signal: ended.signal });
    await aborted.armed;
    const taken = take(aborted, 1);
    ended.abort();
    expect(await taken).toEqual([]);
    const last = zk.watch('/a');
    await last.armed;
    const rest = take(last, 1);
    await zk.close();
    expect(await rest).toEqual([]);
  });

  /** A signal that never comes; the change does. */
  function changeSoon(path: string): AbortSignal {
    void zk.sync().then(() => other.set(path, 'x'));
    return new AbortController().signal;
  }

  it('says why it cannot be set', async () => {
    const watch = zk.watch('no/path');
    await expect(watch.armed).rejects.toMatchObject({ code: 'InvalidPath' });
    await expect(take(watch, 1)).rejects.toMatchObject({ code: 'InvalidPath' });
    await watch.close();
    const warned = new Promise((resolve) => process.once('warning', resolve));
    zk.watch('no/path', { listener: () => {} });
    expect(await warned).toMatchObject({ message: 'the watch on no/path has ended' });
  });

  it('says after a broken connection that it may have missed something', async () => {
    await zk.create('/a');
    const watch = zk.watch('/a');
    await watch.armed;
    proxy.cut();
    await other.set('/a', 'unseen');
    expect(await take(watch, 1)).toEqual(['resync reconnected']);
    await other.set('/a', 'seen');
    expect(await take(watch, 1)).toEqual(['changed /a']);
  });

  it('is set again in a new session', async () => {
    const watch = zk.watch('/a');
    await watch.armed;
    const { id, password } = zk.session!;
    const taken = await clients.connect(server.connectString, { session: { id, password } });
    await taken.close();
    expect(await take(watch, 1)).toEqual(['resync new-session']);
    expect(zk.session!.id).not.toBe(id);
    await other.create('/a');
    expect(await take(watch, 1)).toEqual(['created /a']);
  });

  it('that is asked for while there is no connection is set on the next', async () => {
    proxy.isOpen = false;
    proxy.cut();
    const watch = zk.watch('/a');
    proxy.isOpen = true;
    await watch.armed;
    await other.create('/a');
    expect(await take(watch, 1)).toEqual(['created /a']);
  });
});

describe('events for which there is no room', () => {
  async function crowded(options: object): Promise<Watch> {
    const watch = zk.watch('/', { recursive: true, buffer: 3, ...options });
    await watch.armed;
    return watch;
  }

  it('give way to newer ones of the same node', async () => {
    const watch = await crowded({});
    await zk.create('/a');
    await zk.set('/a', '1');
    await zk.create('/b');
    await zk.set('/a', '2');
    await zk.set('/b', '2');
    expect(await take(watch, 3)).toEqual(['created /b', 'changed /a', 'changed /b']);
  });

  it('become a request to look again, if there are too many nodes', async () => {
    const watch = await crowded({});
    for (const path of ['/a', '/b', '/c', '/d', '/e']) await zk.create(path);
    expect(await take(watch, 2)).toEqual(['resync overflow', 'created /e']);
  });

  it('become that at once, if it is wanted so', async () => {
    const watch = await crowded({ overflow: 'resync' });
    await zk.create('/a');
    for (const data of ['1', '2', '3']) await zk.set('/a', data);
    expect(await take(watch, 1)).toEqual(['resync overflow']);
  });

  it('end the watch, if it is wanted so', async () => {
    const watch = await crowded({ overflow: 'error' });
    await zk.create('/a');
    for (const data of ['1', '2', '3']) await zk.set('/a', data);
    await expect(take(watch, 4)).rejects.toMatchObject({ code: 'Overflow' });
    await expect.poll(() => zk.stats.watches, SOON).toBe(0);
  });
});

describe('a watch on a server that knows only those of reads', () => {
  it('tells the same', async () => {
    answersUnimplemented();
    const watch = zk.watch('/a');
    await watch.armed;
    const iterator = watch[Symbol.asyncIterator]();
    const next = async () => show((await iterator.next()).value!);
    await other.create('/a');
    expect(await next()).toBe('created /a');
    await other.set('/a', '1');
    expect(await next()).toBe('changed /a');
    await other.create('/a/b');
    expect(await next()).toBe('children /a');
    await other.delete('/a/b');
    expect(await next()).toBe('children /a');
    await other.delete('/a');
    expect(await next()).toBe('deleted /a');
    await other.create('/a');
    expect(await next()).toBe('created /a');
    await watch.close();
    expect(await iterator.next()).toMatchObject({ done: true });
  });

  it('tells only what is wanted, and sets no watch for the rest', async () => {
    answersUnimplemented();
    await zk.create('/a');
    const watch = zk.watch('/a', { types: ['deleted'] });
    await watch.armed;
    expect(zk.stats.watches).toBe(1);
    await other.set('/a', 'x');
    await other.delete('/a');
    expect(await take(watch, 1)).toEqual(['deleted /a']);
  });

  it('ends with its client', async () => {
    answersUnimplemented();
    const watch = zk.watch('/a');
    await watch.armed;
    const rest = take(watch, 1);
    await zk.close();
    expect(await rest).toEqual([]);
  });

  it('ends when the next watch cannot be set', async () => {
    answersUnimplemented();
    await zk.create('/a');
    const watch = zk.watch('/a', { types: ['changed'] });
    await watch.armed;
    proxy.judge = (opcode, xid) =>
      opcode === Opcode.Exists ? { answer: replyHeader(xid, ErrorCode.NoAuth) } : null;
    await other.set('/a', 'x');
    await expect(take(watch, 1)).rejects.toMatchObject({ code: 'NoAuth' });
  });

  it('is refused if it is of all below', async () => {
    answersUnimplemented();
    const watch = zk.watch('/a', { recursive: true });
    await expect(watch.armed).rejects.toMatchObject({ code: 'Unimplemented' });
    await expect(take(watch, 1)).rejects.toMatchObject({ code: 'Unimplemented' });
  });

  it('goes on in a new session', async () => {
    answersUnimplemented();
    const watch = zk.watch('/a');
    await watch.armed;
    const taken = await clients.connect(server.connectString, { session: zk.session! });
    await taken.close();
    expect(await take(watch, 1)).toEqual(['resync new-session']);
    await other.create('/a');
    expect(await take(watch, 1)).toEqual(['created /a']);
  });
});

describe('observe', () => {
  it('shows the value now and whenever it changes, over a broken connection', async () => {
    const values = observe(zk, '/a', codecs.utf8);
    const next = async () => (await values.next()).value?.data ?? null;
    expect(await next()).toBeNull();
    await other.create('/a', 'one');
    expect(await next()).toBe('one');
    await other.set('/a', 'two');
    expect(await next()).toBe('two');
    proxy.cut();
    await other.set('/a', 'three');
    expect(await next()).toBe('three');
    await other.delete('/a');
    expect(await next()).toBeNull();
    await values.return();
    expect(zk.stats.watches).toBe(0);
  });

  it('shows the names of children', async () => {
    const lists = observeChildren(zk, '/a');
    const next = async () => (await lists.next()).value;
    expect(await next()).toBeNull();
    await other.create('/a/b', '', { parents: true });
    await other.create('/a/c');
    let names: string[] = [];
    while (names.length < 2) names = [...((await next()) ?? [])].sort();
    expect(names).toEqual(['b', 'c']);
    await lists.return();
  });

  it('ends with its signal, and with what cannot be read', async () => {
    const ended = new AbortController();
    const values = observe(zk, '/a', codecs.int32, { signal: ended.signal });
    expect((await values.next()).value).toBeNull();
    const rest = values.next();
    ended.abort();
    expect(await rest).toMatchObject({ done: true });
    await zk.create('/a', 'no number');
    const bad = observe(zk, '/a', codecs.int32);
    await expect(bad.next()).rejects.toMatchObject({ code: 'BadValue', path: '/a' });
  });
});
