import type { ServerHandle } from '@zabra/server';
import { ErrorCode, type JuteWriter, Opcode } from '@zabra/wire';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RetryPolicy, retries, type ZooKeeper } from '../index.ts';
import { FakeServer } from '../testing/fake-server.ts';
import { TestClients } from '../testing/test-clients.ts';
import { TestProxy } from '../testing/test-proxy.ts';
import { startTestServer } from '../testing/test-server.ts';

/** How long may be waited for what takes no time on a quiet machine. */
const SOON = { timeout: 20_000 };
const clients = new TestClients();

afterEach(() => clients.close());

function failure(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => null,
    (error) => error,
  );
}

describe('what is asked again', () => {
  let fake: FakeServer;

  beforeEach(async () => {
    fake = await FakeServer.start();
  });

  afterEach(async () => {
    await clients.close();
    await fake.close();
  });

  /** Answers so many requests with a code, and cuts the connection at so many others. */
  function answering(...codes: (number | 'cut')[]): void {
    fake.answer = (opcode) => {
      if (opcode === Opcode.CloseSession) return {};
      const code = codes.shift() ?? ErrorCode.NoNode;
      return code === 'cut' ? { isCut: true } : { code };
    };
  }

  const always: RetryPolicy = { next: () => 0 };

  it('is what a policy wants, with the pauses it wants', async () => {
    answering(ErrorCode.ThrottledOp, ErrorCode.ThrottledOp, ErrorCode.NoNode);
    const seen: unknown[] = [];
    const policy: RetryPolicy = {
      next: ({ attempt, elapsed, error, idempotent }) => {
        seen.push([attempt, elapsed >= 0, error.code, idempotent]);
        return attempt * 5;
      },
    };
    const zk = await clients.connect(fake.connectString, { retry: policy });
    expect(await failure(zk.create('/a'))).toMatchObject({ code: 'NoNode' });
    expect(seen).toEqual([
      [1, true, 'ThrottledOp', false],
      [2, true, 'ThrottledOp', false],
    ]);
    expect(zk.stats.requestsRetried).toBe(2);
  });

  it('may have been done by an earlier try, whatever became of the last', async () => {
    answering('cut', ErrorCode.NodeExists);
    const zk = await clients.connect(fake.connectString, { retry: always });
    const error = await failure(zk.create('/a'));
    expect(error).toMatchObject({ code: 'NodeExists', maybeApplied: true });
  });

  it('can be given up while it waits for another try', async () => {
    answering(ErrorCode.ThrottledOp, ErrorCode.ThrottledOp, ErrorCode.ThrottledOp);
    const patient: RetryPolicy = { next: () => 60_000 };
    const zk = await clients.connect(fake.connectString, { retry: patient });
    const given = new AbortController();
    const { signal } = given;
    const waiting = [zk.get('/', { signal }), zk.get('/', { watch: () => {} })].map(failure);
    await expect.poll(() => zk.stats.requestsRetried, SOON).toBe(2);
    given.abort();
    expect(await waiting[0]).toMatchObject({ code: 'Aborted', maybeApplied: false });
    const late = await failure(zk.get('/', { timeout: 30 }));
    expect(late).toMatchObject({ code: 'RequestTimeout' });
    await zk.close();
    expect(await waiting[1]).toMatchObject({ code: 'Closed' });
  });

  it('is not asked again if the policy fails', async () => {
    answering(ErrorCode.ThrottledOp);
    const broken: RetryPolicy = {
      next: () => {
        throw new Error('mine');
      },
    };
    const warned = new Promise((resolve) => process.once('warning', resolve));
    const zk = await clients.connect(fake.connectString, { retry: broken });
    expect(await failure(zk.get('/'))).toMatchObject({ code: 'ThrottledOp' });
    expect(await warned).toMatchObject({ message: 'a retry policy has thrown' });
  });
});

describe('a call that is made of several requests', () => {
  it('has one time for all of them', async () => {
    const fake = await FakeServer.start();
    // Children that are there for one who deletes, and not for one who lists.
    fake.answer = (opcode) => {
      if (opcode === Opcode.Delete) return { code: ErrorCode.NotEmpty };
      const body = (writer: JuteWriter): void => {
        for (let i = 0; i < 18; i += 1) writer.int(0);
      };
      return opcode === Opcode.GetChildren2 ? { body } : {};
    };
    const zk = await clients.connect(fake.connectString, { retry: retries.none });
    const endless = zk.delete('/a', { recursive: true, timeout: 100 });
    expect(await failure(endless)).toMatchObject({ code: 'RequestTimeout' });
    const defaults = zk.with({ timeout: 100 }).delete('/a', { recursive: true });
    expect(await failure(defaults)).toMatchObject({ code: 'RequestTimeout' });
    await clients.close();
    await fake.close();
  });
});

describe('a connection that breaks anywhere', () => {
  let server: ServerHandle;
  let proxy: TestProxy;
  let zk: ZooKeeper;

  beforeAll(async () => {
    server = await startTestServer();
    proxy = await TestProxy.start(server.port);
    zk = await clients.connect(proxy.connectString);
  });

  afterAll(async () => {
    await clients.close();
    await proxy.close();
    await server.close();
  });

  it('leaves no doubt where there is none', async () => {
    await zk.create('/n', '0');
    // A reply of setData is 4 + 16 + 68 bytes long.
    for (const bytes of [0, 4, 20, 87]) {
      await zk.ready();
      await zk.sync();
      const before = Number((await zk.get('/n')).data);
      proxy.repliesLeft = bytes;
      const error = await failure(zk.set('/n', `${before + 1}`));
      expect(error).toMatchObject({ code: 'ConnectionLoss', maybeApplied: true });
      const after = Number((await zk.get('/n')).data);
      expect(after - before).toBe(1);
    }
    for (const bytes of [0, 4, 20]) {
      await zk.ready();
      await zk.sync();
      const before = (await zk.get('/n')).stat.version;
      proxy.requestsLeft = bytes;
      const error = await failure(zk.set('/n', '-1'));
      expect(error).toMatchObject({ code: 'ConnectionLoss', maybeApplied: true });
      expect((await zk.get('/n')).stat.version).toBe(before);
    }
  });
});
