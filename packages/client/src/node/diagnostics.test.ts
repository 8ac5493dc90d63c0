import { channel, tracingChannel } from 'node:diagnostics_channel';
import type { ServerHandle } from '@zabra/server';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Logger, recipeChannel, type ZooKeeper } from '../index.ts';
import { TestClients } from '../testing/test-clients.ts';
import { startTestServer } from '../testing/test-server.ts';

const clients = new TestClients();
let server: ServerHandle;

beforeAll(async () => {
  server = await startTestServer();
});

afterEach(() => clients.close());

afterAll(() => server.close());

/** Listens to a tracing channel while something is done. */
async function traced(name: string, work: () => Promise<unknown>): Promise<[string, object][]> {
  const heard: [string, object][] = [];
  const tell = (kind: string) => (trace: unknown) =>
    void heard.push([kind, { ...(trace as object) }]);
  const subscribers = {
    start: tell('start'),
    end: tell('end'),
    asyncStart: tell('asyncStart'),
    asyncEnd: tell('asyncEnd'),
    error: tell('error'),
  };
  const traces = tracingChannel(name);
  traces.subscribe(subscribers);
  try {
    await work();
  } finally {
    traces.unsubscribe(subscribers);
  }
  return heard;
}

async function plain(name: string, work: () => Promise<unknown>): Promise<object[]> {
  const heard: object[] = [];
  const listener = (event: unknown): void => void heard.push(event as object);
  channel(name).subscribe(listener);
  try {
    await work();
  } finally {
    channel(name).unsubscribe(listener);
  }
  return heard;
}

describe('whoever listens from outside', () => {
  it('hears of requests, how they end and how long they take', async () => {
    const zk = await clients.connect(server.connectString);
    const heard = await traced('zookeeper:request', async () => {
      await zk.create('/traced', 'x');
      await zk.get('/none').catch(() => {});
    });
    expect(heard.map(([kind]) => kind)).toEqual([
      'start',
      'end',
      'asyncStart',
      'asyncEnd',
      'start',
      'end',
      'error',
      'asyncStart',
      'asyncEnd',
    ]);
    const done = heard[3]![1];
    expect(done).toMatchObject({
      op: 'create',
      path: '/traced',
      server: server.connectString,
      sessionId: zk.session!.id,
    });
    const { bytesOut, bytesIn, zxid, tookMs, result } = done as Record<string, number>;
    expect([bytesOut! > 0, bytesIn! > 0, tookMs! >= 0]).toEqual([true, true, true]);
    expect((result as unknown as { stat: { czxid: bigint } }).stat.czxid).toBe(zxid);
    expect(heard[6]![1]).toMatchObject({ op: 'get', path: '/none', error: { code: 'NoNode' } });
  });

  it('hears of connections', async () => {
    const heard = await traced('zookeeper:connect', () => clients.connect(server.connectString));
    expect(heard.map(([kind]) => kind)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
    expect(heard[3]![1]).toMatchObject({
      server: server.connectString,
      attempt: 1,
      resumed: false,
      timeout: 10_000,
    });
    const failed = await traced('zookeeper:connect', async () => {
      const zk = clients.create('127.0.0.1:1');
      await zk.ready({ timeout: 100 }).catch(() => {});
      await zk.close();
    });
    expect(failed.map(([kind]) => kind)).toContain('error');
  });

  it('hears of states and of events', async () => {
    const states = await plain('zookeeper:state', () => clients.connect(server.connectString));
    expect(states.map((event) => (event as { type: string }).type)).toEqual([
      'connecting',
      'connected',
    ]);
    const zk = await clients.connect(server.connectString);
    const events = await plain('zookeeper:watch', async () => {
      await using watch = zk.watch('/watched');
      await watch.armed;
      await zk.create('/watched');
    });
    expect(events).toEqual([{ type: 'created', path: '/watched', listeners: 1 }]);
  });

  it('hears what recipes tell', async () => {
    const zk = await clients.connect(server.connectString);
    const trace = { recipe: 'lock', step: 'acquire', path: '/l' };
    const heard = await traced('zookeeper:recipe', async () => {
      const recipes = recipeChannel(zk)!;
      expect(recipes.isHeard).toBe(true);
      recipes.begin(trace);
      recipes.end(trace);
    });
    expect(heard.map(([kind]) => kind)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
    expect(recipeChannel({} as ZooKeeper)).toBeNull();
  });
});

describe('a logger', () => {
  it('is told what happens, and what the program does wrong', async () => {
    const lines: string[] = [];
    const write = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
    const logger: Logger = {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
    };
    const zk = clients.create(server.connectString, { logger });
    zk.on('connected', () => {
      throw new Error('mine');
    });
    await zk.ready();
    zk.reconnect();
    await new Promise((resolve) => zk.on('suspended', resolve));
    await zk.close();
    expect(lines).toEqual([
      'debug connecting',
      'info connected',
      "error a listener of 'connected' has thrown",
      'warn suspended',
      'info closed',
    ]);
  });

  it('that fails is passed over', async () => {
    const fail = (): never => {
      throw new Error('mine');
    };
    const warned = new Promise((resolve) => process.once('warning', resolve));
    const logger = { debug: fail, info: fail, warn: fail, error: fail };
    const zk = await clients.connect(server.connectString, { logger });
    expect(await zk.exists('/none')).toBeNull();
    expect(await warned).toMatchObject({ message: 'the logger has thrown' });
  });
});
