import type { ServerHandle } from '@zabra/server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  AuthFailedError,
  ClientClosedError,
  ConnectionLossError,
  connect,
  QueueFullError,
  RequestAbortedError,
  RequestTimeoutError,
  retries,
  SessionExpiredError,
  type StatusEvent,
  UnreachableError,
  type ZooKeeper,
} from '../index.ts';
import { systemResolver } from '../node/host-resolver.ts';
import { NodeHost } from '../node/node-host.ts';
import { openClient } from '../open-client.ts';
import { TestClients } from '../testing/test-clients.ts';
import { TestProxy } from '../testing/test-proxy.ts';
import { startTestServer } from '../testing/test-server.ts';
import { clientSettings } from './connect-options.ts';

/** How long may be waited for what takes no time on a quiet machine. */
const SOON = { timeout: 20_000 };
const clients = new TestClients();
let server: ServerHandle;
let proxy: TestProxy;

beforeAll(async () => {
  server = await startTestServer();
});

beforeEach(async () => {
  proxy = await TestProxy.start(server.port);
});

afterEach(async () => {
  proxy.isTalking = true;
  await clients.close();
  await proxy.close();
});

afterAll(() => server.close());

function failure(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => null,
    (error) => error,
  );
}

/** The next event of a kind. */
function next<E extends StatusEvent['type']>(
  zk: ZooKeeper,
  type: E,
): Promise<Extract<StatusEvent, { type: E }>> {
  return new Promise((resolve) => {
    const once = (event: StatusEvent): void => {
      if (event.type !== type) return;
      zk.off('status', once);
      resolve(event as Extract<StatusEvent, { type: E }>);
    };
    zk.on('status', once);
  });
}

/** Somebody else takes the session and ends it. */
async function expire(zk: ZooKeeper): Promise<void> {
  const taken = await connect({ servers: server.connectString, session: zk.session! });
  await taken.close();
}

let nextName = 0;
function freshPath(): string {
  nextName += 1;
  return `/node-${nextName}`;
}

describe('a client', () => {
  it('connects, tells what becomes of it, and closes', async () => {
    const zk = clients.create(proxy.connectString);
    expect(zk.state).toBe('connecting');
    expect([zk.session, zk.server]).toEqual([undefined, undefined]);
    const events = zk.status();
    await zk.ready();
    expect(zk.state).toBe('connected');
    expect(zk.session).toMatchObject({ timeout: 10_000 });
    expect(zk.server).toEqual({ host: '127.0.0.1', port: proxy.port });
    await zk.ready();
    proxy.cut();
    await next(zk, 'connected');
    expect(await zk.close()).toBeUndefined();
    expect(await zk.closed).toEqual({ type: 'closed', ended: true });
    await zk.close();
    const told: string[] = [];
    for await (const event of events) told.push(event.type);
    expect(told).toEqual([
      'connecting',
      'connected',
      'suspended',
      'connecting',
      'connected',
      'closed',
    ]);
    expect(zk.state).toBe('closed');
    expect(await failure(zk.get('/'))).toBeInstanceOf(ClientClosedError);
    expect(await failure(zk.ready())).toBeInstanceOf(ClientClosedError);
    expect((await zk.status().next()).done).toBe(true);
    expect(zk.stats).toMatchObject({ sessions: 1, connectionsOpened: 2, connectionsLost: 1 });
  });

  it('is one thing to let go of', async () => {
    let kept: ZooKeeper;
    {
      await using zk = await clients.connect(server.connectString);
      kept = zk;
    }
    expect(kept.state).toBe('closed');
  });

  it('tells listeners, whatever they do, until they are let go', async () => {
    const zk = clients.create(proxy.connectString);
    const told: string[] = [];
    const ended = new AbortController();
    const warned = new Promise((resolve) => process.once('warning', resolve));
    zk.on('connected', () => {
      throw new Error('mine');
    });
    zk.on('connected', ({ kind }) => told.push(kind));
    zk.on('connected', () => told.push('until aborted'), { signal: ended.signal });
    await zk.ready();
    expect(await warned).toMatchObject({ message: "a listener of 'connected' has thrown" });
    ended.abort();
    zk.reconnect();
    await next(zk, 'connected');
    expect(told).toEqual(['new', 'until aborted', 'resumed']);
  });

  it('says of each server why it could not be reached', async () => {
    const servers = ['127.0.0.1:1', 'no-such-name.invalid:2181'];
    const error = await failure(connect({ servers, sessionTimeout: 500, reconnectJitter: 0 }));
    expect(error).toBeInstanceOf(UnreachableError);
    const { failures, message } = error as UnreachableError;
    expect(failures.map((one) => one.server).sort()).toEqual([...servers].sort());
    expect(message).toMatch(/127\.0\.0\.1:1: connect ECONNREFUSED/);
  });

  it('is waited for as long as its caller likes', async () => {
    const nowhere = { servers: '127.0.0.1:1' };
    expect(await failure(connect({ ...nowhere, timeout: 20 }))).toBeInstanceOf(RequestTimeoutError);
    const signal = AbortSignal.abort(new Error('enough'));
    const aborted = await failure(connect({ ...nowhere, signal }));
    expect(aborted).toBeInstanceOf(RequestAbortedError);
    expect(aborted).toMatchObject({ cause: new Error('enough') });
    expect(await failure(connect('a,:b'))).toMatchObject({ code: 'BadArguments' });
    const zk = clients.create('127.0.0.1:1');
    const later = new AbortController();
    const ready = failure(zk.ready({ signal: later.signal }));
    later.abort();
    expect(await ready).toBeInstanceOf(RequestAbortedError);
  });

  it('goes on trying, and serves what was asked meanwhile', async () => {
    proxy.isOpen = false;
    const zk = clients.create(proxy.connectString);
    const path = freshPath();
    const created = zk.create(path, '', { mode: 'ephemeral' });
    await next(zk, 'connecting');
    proxy.isOpen = true;
    expect(await created).toMatchObject({ path });
  });

  it('goes to other servers when it is told of them', async () => {
    const zk = await clients.connect(proxy.connectString);
    const moved = next(zk, 'servers');
    expect(await zk.updateServers(server.connectString)).toBe('moved');
    expect(await moved).toMatchObject({ servers: [{ port: server.port }] });
    await zk.ready();
    expect(zk.server).toMatchObject({ port: server.port });
    expect(await zk.updateServers([{ host: 'localhost', port: server.port }])).toBe('kept');
    expect(await failure(zk.updateServers(''))).toMatchObject({ code: 'BadArguments' });
  });

  it('ends when an identity is refused', async () => {
    const zk = await clients.connect(proxy.connectString);
    const error = await failure(zk.addAuth({ scheme: 'no-such', auth: 'x' }));
    expect(error).toBeInstanceOf(AuthFailedError);
    expect(await zk.closed).toMatchObject({ type: 'auth-failed', error: { code: 'AuthFailed' } });
    expect(zk.state).toBe('auth-failed');
    expect(await failure(zk.get('/'))).toBeInstanceOf(AuthFailedError);
  });

  it('writes once for all that is asked in one turn, in the order in which it is asked', async () => {
    const node = new NodeHost({ resolver: systemResolver, tls: null, isRef: true, logger: null });
    let writes = 0;
    const host = Object.assign(Object.create(node), {
      open: (...args: Parameters<NodeHost['open']>) => {
        const link = node.open(...args);
        const write = (bytes: Uint8Array): void => {
          writes += 1;
          link.write(bytes);
        };
        return { write, drop: () => link.drop() };
      },
      copyBytes: node.copyBytes.bind(node),
      defer: node.defer.bind(node),
      setTimer: node.setTimer.bind(node),
      clearTimer: node.clearTimer.bind(node),
    });
    const options = { servers: server.connectString, maxInFlight: 100_000 };
    const zk = openClient(clientSettings(options), host);
    await zk.ready();
    const before = writes;
    const path = freshPath();
    const told: number[] = [];
    const asked = [zk.create(path, '', { mode: 'ephemeral' }).then(() => told.push(-1))];
    for (let i = 0; i < 5000; i += 1) {
      const call = i % 3 === 0 ? zk.set(path, `${i}`) : i % 3 === 1 ? zk.get(path) : zk.exists('/');
      asked.push(call.then(() => told.push(i)));
    }
    await Promise.all(asked);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(writes - before).toBe(1);
    await zk.close();
  });
});

describe('a broken connection', () => {
  it('fails a write that was sent, and says that it may have been done', async () => {
    const zk = await clients.connect(proxy.connectString);
    const path = freshPath();
    proxy.isTalking = false;
    const sent = zk.create(path, '', { mode: 'ephemeral' });
    const passed = proxy.passed;
    await expect.poll(() => proxy.passed, SOON).toBeGreaterThan(passed);
    const suspended = next(zk, 'suspended');
    proxy.isTalking = true;
    proxy.cut();
    const error = await failure(sent);
    expect(error).toBeInstanceOf(ConnectionLossError);
    expect(error).toMatchObject({ maybeApplied: true, retryable: false, op: 'create', path });
    expect(await suspended).toMatchObject({ sentAborted: 1, reason: { code: 'ConnectionLoss' } });
    expect(await zk.exists(path)).not.toBeNull();
  });

  it('is not noticed by those who read, unless they want to', async () => {
    const zk = await clients.connect(proxy.connectString);
    const cutWhile = async (call: () => Promise<unknown>) => {
      proxy.isTalking = false;
      const { passed } = proxy;
      const asked = failure(call());
      await expect.poll(() => proxy.passed, SOON).toBeGreaterThan(passed);
      proxy.isTalking = true;
      proxy.cut();
      return asked;
    };
    expect(await cutWhile(() => zk.get('/'))).toBeNull();
    expect(zk.stats.requestsRetried).toBe(1);
    const careful = zk.with({ retry: retries.none });
    const error = await cutWhile(() => careful.get('/'));
    expect(error).toMatchObject({ code: 'ConnectionLoss', maybeApplied: true, retryable: true });
  });

  it('does not lose a node that is created with protection, nor make two', async () => {
    const zk = await clients.connect(proxy.connectString);
    const parent = freshPath();
    await zk.create(parent);
    const { passed } = proxy;
    proxy.isTalking = false;
    const made = zk.create(`${parent}/n-`, '', { protect: true, sequential: true });
    await expect.poll(() => proxy.passed, SOON).toBeGreaterThan(passed);
    await expect.poll(async () => (await watcher().children(parent)).names, SOON).toHaveLength(1);
    proxy.isTalking = true;
    proxy.cut();
    const { path, sequence } = await made;
    expect(sequence).toBe(0);
    expect((await zk.children(parent)).names).toEqual([path.slice(parent.length + 1)]);
  });

  it('does not keep a node that was created with protection and is not waited for', async () => {
    const zk = await clients.connect(proxy.connectString);
    const parent = freshPath();
    await zk.create(parent);
    proxy.isTalking = false;
    const given = new AbortController();
    const { signal } = given;
    const made = failure(
      zk.create(`${parent}/n-`, '', { protect: true, sequential: true, signal }),
    );
    await expect.poll(async () => (await watcher().children(parent)).names, SOON).toHaveLength(1);
    given.abort();
    expect(await made).toMatchObject({ code: 'Aborted', maybeApplied: true });
    proxy.isTalking = true;
    proxy.cut();
    await expect.poll(async () => (await watcher().children(parent)).names, SOON).toEqual([]);
  });

  it('does not keep what was to be deleted for sure', async () => {
    const zk = await clients.connect(proxy.connectString, { offlineQueue: { maxWait: 50 } });
    const path = freshPath();
    await zk.create(path);
    proxy.isOpen = false;
    proxy.cut();
    const error = await failure(zk.delete(path, { guaranteed: true }));
    expect(error).toBeInstanceOf(ConnectionLossError);
    proxy.isOpen = true;
    await expect.poll(() => watcher().exists(path), SOON).toBeNull();
  });

  let side: ZooKeeper | null = null;
  function watcher(): ZooKeeper {
    side = side === null || side.state === 'closed' ? clients.create(server.connectString) : side;
    return side;
  }
});

describe('without a connection requests', () => {
  it('wait for so long, and then have certainly not been done', async () => {
    const zk = clients.create('127.0.0.1:1', { offlineQueue: { maxWait: 20 } });
    const error = await failure(zk.create('/a'));
    expect(error).toBeInstanceOf(ConnectionLossError);
    expect(error).toMatchObject({ maybeApplied: false, retryable: true });
  });

  it('fail with the next failed attempt, if they may not wait', async () => {
    const zk = clients.create('127.0.0.1:1', { offlineQueue: false });
    expect(await failure(zk.get('/'))).toMatchObject({ code: 'ConnectionLoss' });
  });

  it('wait in a queue that has an end', async () => {
    const zk = clients.create('127.0.0.1:1', { offlineQueue: { maxRequests: 2 } });
    const first = [zk.get('/'), zk.get('/')].map(failure);
    const error = await failure(zk.get('/'));
    expect(error).toBeInstanceOf(QueueFullError);
    expect(error).toMatchObject({ maybeApplied: false, retryable: true });
    await zk.close();
    for (const waiting of first) expect(await waiting).toBeInstanceOf(ClientClosedError);
  });
});

describe('a caller', () => {
  it('may give up before its request is sent', async () => {
    const zk = clients.create('127.0.0.1:1');
    const given = new AbortController();
    const { signal } = given;
    const waiting = failure(zk.create('/a', '', { signal }));
    given.abort(new Error('changed my mind'));
    const error = await waiting;
    expect(error).toBeInstanceOf(RequestAbortedError);
    expect(error).toMatchObject({ maybeApplied: false, cause: new Error('changed my mind') });
    const never = await failure(zk.create('/a', '', { signal }));
    expect(never).toMatchObject({ code: 'Aborted', maybeApplied: false });
    const late = await failure(zk.get('/', { timeout: 10 }));
    expect(late).toBeInstanceOf(RequestTimeoutError);
    expect(late).toMatchObject({ maybeApplied: false });
  });

  it('may give up behind that, which leaves the connection as it is', async () => {
    const zk = await clients.connect(proxy.connectString);
    const path = freshPath();
    proxy.isTalking = false;
    const given = new AbortController();
    const { passed } = proxy;
    const options = { mode: 'ephemeral', signal: given.signal } as const;
    const sent = failure(zk.with({ timeout: 60_000 }).create(path, '', options));
    const timed = failure(zk.set(path, '', { timeout: 10 }));
    await expect.poll(() => proxy.passed, SOON).toBeGreaterThan(passed + 1);
    given.abort();
    expect(await sent).toMatchObject({ code: 'Aborted', maybeApplied: true });
    expect(await timed).toMatchObject({ code: 'RequestTimeout', maybeApplied: true });
    expect(zk.state).toBe('connected');
  });

  it('may give up many calls by one signal', async () => {
    const zk = clients.create('127.0.0.1:1');
    const given = new AbortController();
    const calls = Array.from({ length: 50 }, () => zk.get('/', { signal: given.signal }));
    const both = zk
      .with({ signal: given.signal })
      .get('/', { signal: new AbortController().signal });
    const all = [...calls, both].map(failure);
    given.abort();
    const errors = await Promise.all(all);
    expect(errors.every((error) => error instanceof RequestAbortedError)).toBe(true);
    const late = await failure(zk.get('/', { signal: given.signal, watch: () => {} }));
    expect(late).toMatchObject({ code: 'Aborted', maybeApplied: false });
  });
});

describe('a session', () => {
  it('that has expired is followed by another', async () => {
    const zk = await clients.connect(proxy.connectString, {
      auth: [{ scheme: 'digest', auth: 'ann:secret' }],
    });
    const { id } = zk.session!;
    const lost = next(zk, 'lost');
    const renewed = next(zk, 'connected').then(() => next(zk, 'connected'));
    void expire(zk);
    expect(await lost).toEqual({ type: 'lost', sessionId: id, by: 'server' });
    await Promise.race([renewed, zk.ready()]);
    expect(zk.session!.id).not.toBe(id);
    expect(zk.stats.sessions).toBe(2);
    expect(await zk.whoAmI()).toContainEqual({ scheme: 'digest', id: 'ann' });
  });

  it('that has expired is the end, if that is wanted', async () => {
    const zk = await clients.connect(proxy.connectString, { onExpired: 'close' });
    const { id } = zk.session!;
    await expire(zk);
    expect(await zk.closed).toMatchObject({
      type: 'expired',
      error: { code: 'SessionExpired', sessionId: id },
    });
    expect(zk.state).toBe('closed');
    expect(await failure(zk.get('/'))).toBeInstanceOf(SessionExpiredError);
    expect(await failure(zk.ready())).toBeInstanceOf(SessionExpiredError);
  });

  it('fails what was asked in it', async () => {
    const zk = await clients.connect(proxy.connectString);
    proxy.isOpen = false;
    proxy.cut();
    await next(zk, 'suspended');
    const asked = failure(zk.get('/'));
    await expire(zk);
    proxy.isOpen = true;
    expect(await asked).toBeInstanceOf(SessionExpiredError);
    expect(await failure(zk.get('/'))).toBeNull();
  });

  it('can be left, and taken up by another client', async () => {
    const zk = await clients.connect(server.connectString);
    const path = freshPath();
    await zk.create(path, '', { mode: 'ephemeral' });
    const { id } = zk.session!;
    const kept = await zk.close({ keepSession: true });
    expect(await zk.closed).toEqual({ type: 'closed', ended: false });
    expect(kept).toMatchObject({ id });
    const heir = await clients.connect(server.connectString, { session: kept! });
    expect(heir.session!.id).toBe(id);
    expect((await heir.get(path)).stat.ephemeralOwner).toBe(id);
    await heir.close();
    const other = await clients.connect(server.connectString);
    expect(await other.exists(path)).toBeNull();
  });

  it('is left where there is nobody to be told of its end', async () => {
    const zk = await clients.connect(proxy.connectString);
    proxy.isOpen = false;
    proxy.cut();
    await next(zk, 'suspended');
    await zk.close();
    expect(await zk.closed).toEqual({ type: 'closed', ended: false });
  });
});
