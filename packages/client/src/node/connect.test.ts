import { readFileSync } from 'node:fs';
import { type AddressInfo, connect as connectSocket } from 'node:net';
import { createServer, type Server } from 'node:tls';
import type { ServerHandle } from '@zabra/server';
import { decodeSaslRequest, ErrorCode, encodeSaslResponse, Opcode } from '@zabra/wire';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connect, NotReadOnlyError, UnreachableError, type ZooKeeper } from '../index.ts';
import { FakeServer } from '../testing/fake-server.ts';
import { TestClients } from '../testing/test-clients.ts';
import { TestProxy } from '../testing/test-proxy.ts';
import { startTestServer } from '../testing/test-server.ts';
import type { HostResolver } from './host-resolver.ts';

const clients = new TestClients();
let server: ServerHandle;

beforeAll(async () => {
  server = await startTestServer();
});

afterEach(() => clients.close());

afterAll(() => server.close());

function failure(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => null,
    (error) => error,
  );
}

/** A resolver of the test's own; what is not given is not asked for. */
function resolver(own: Partial<HostResolver>): HostResolver {
  const unasked = () => Promise.reject(new Error('not asked for'));
  return { addresses: unasked, services: unasked, ...own };
}

describe('names', () => {
  it('are tried at all their addresses', async () => {
    const proxy = await TestProxy.start(server.port);
    const zk = await clients.connect(`many.example:${proxy.port}`, {
      resolver: resolver({
        addresses: async (host) => {
          expect(host).toBe('many.example');
          return ['127.0.0.3', '127.0.0.2', '127.0.0.1'];
        },
      }),
    });
    expect(zk.server).toEqual({ host: 'many.example', port: proxy.port });
    await clients.close();
    await proxy.close();
  });

  it('that have no address are told of', async () => {
    const options = { sessionTimeout: 300, reconnectJitter: 0 };
    const nowhere = connect({
      ...options,
      servers: 'none.example',
      resolver: resolver({ addresses: async () => [] }),
    });
    expect(await failure(nowhere)).toMatchObject({
      failures: [{ server: 'none.example:2181', reason: 'the name has no address' }],
    });
    const unknown = connect({ ...options, servers: 'none.example', resolver: resolver({}) });
    expect(await failure(unknown)).toMatchObject({
      failures: [{ server: 'none.example:2181', reason: 'not asked for' }],
    });
  });

  it('may be addresses of the sixth version', async () => {
    const fake = await FakeServer.start('::1');
    const zk = await clients.connect(`[::1]:${fake.port}`);
    expect(zk.server).toEqual({ host: '::1', port: fake.port });
    await clients.close();
    await fake.close();
  });

  it('may list servers, which are looked up before anything else', async () => {
    const listed = [{ host: '127.0.0.1', port: server.port }];
    const zk = await clients.connect('dns-srv://zk.example/srv', {
      ensureChroot: true,
      resolver: resolver({
        services: async (name) => {
          expect(name).toBe('zk.example');
          return listed;
        },
      }),
    });
    expect(zk.namespace).toBe('/srv');
    expect(zk.server).toEqual(listed[0]);
  });

  it('that list no servers yet are asked again', async () => {
    let asked = 0;
    const zk = clients.create('dns-srv://zk.example', {
      resolver: resolver({
        services: async () => {
          asked += 1;
          if (asked === 1) throw new Error('no answer');
          return asked === 2 ? [] : [{ host: '127.0.0.1', port: server.port }];
        },
      }),
    });
    await zk.get('/');
    expect(asked).toBe(3);
  });
});

describe('TLS', () => {
  const read = (name: string) =>
    readFileSync(new URL(`../../testdata/tls/${name}`, import.meta.url));
  const ca = read('ca.pem');
  const own = { key: read('client.key'), cert: read('client.pem') };
  let secure: Server;
  let port: number;

  beforeAll(async () => {
    secure = createServer(
      { key: read('server.key'), cert: read('server.pem'), ca, requestCert: true },
      (client) => {
        const plain = connectSocket(server.port, 'localhost');
        client.on('error', () => plain.destroy());
        plain.on('error', () => client.destroy());
        client.pipe(plain).pipe(client);
      },
    );
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
    port = (secure.address() as AddressInfo).port;
  });

  afterAll(() => new Promise((resolve) => secure.close(resolve)));

  it('is spoken with a server that proves its name, with a certificate of the client', async () => {
    const zk = await clients.connect(`localhost:${port}`, { tls: { ca, ...own } });
    await zk.create('/secret', 'x'.repeat(100_000), { mode: 'ephemeral' });
    expect((await zk.get('/secret')).data).toHaveLength(100_000);
    const byAddress = await clients.connect(`127.0.0.1:${port}`, { tls: { ca, ...own } });
    expect(await byAddress.exists('/secret')).not.toBeNull();
  });

  it('asks for its options at each connection', async () => {
    let asked = 0;
    const tls = async () => {
      asked += 1;
      return { ca, ...own };
    };
    const zk = await clients.connect(`localhost:${port}`, { tls });
    zk.reconnect();
    await expect.poll(() => asked).toBe(2);
    await zk.ready();
    await zk.get('/');
  });

  it('refuses servers that are not vouched for, and names that are not theirs', async () => {
    const options = { sessionTimeout: 400, reconnectJitter: 0 };
    const stranger = await failure(
      connect({ ...options, servers: `localhost:${port}`, tls: true }),
    );
    expect(stranger).toBeInstanceOf(UnreachableError);
    expect((stranger as Error).message).toMatch(/self-signed|unable to (?:get|verify)/);
    const misnamed = await failure(
      connect({
        ...options,
        servers: `other.example:${port}`,
        tls: { ca },
        resolver: resolver({ addresses: async () => ['127.0.0.1'] }),
      }),
    );
    expect((misnamed as Error).message).toMatch(/other\.example.*not in the cert/);
    const broken = await failure(
      connect({
        ...options,
        servers: `localhost:${port}`,
        tls: () => Promise.reject(new Error('no such file')),
      }),
    );
    expect((broken as Error).message).toMatch(/no such file/);
  });
});

describe('SASL', () => {
  /** Takes whoever says `yes`, and proves itself by `proof`. */
  async function saslServer(proof: string): Promise<FakeServer> {
    const fake = await FakeServer.start();
    fake.answer = (opcode, body) => {
      if (opcode !== Opcode.Sasl) return { code: ErrorCode.NoNode };
      const token = Buffer.from(decodeSaslRequest(body)!.token!).toString();
      if (token === '') return saslAnswer('who?');
      if (token === 'yes') return saslAnswer(proof);
      return { code: ErrorCode.AuthFailed, isLast: true };
    };
    return fake;
  }

  function saslAnswer(text: string | null) {
    const token = text === null ? null : Buffer.from(text);
    return {
      body: (writer: Parameters<typeof encodeSaslResponse>[0]) =>
        encodeSaslResponse(writer, { token }),
    };
  }

  const speaking = (word: string) => ({
    mechanism: {
      name: 'TEST',
      exchange: () => ({
        begin: () => Buffer.alloc(0),
        respond: async (challenge: Uint8Array) => {
          const text = Buffer.from(challenge).toString();
          if (text === 'welcome') return null;
          if (text !== 'who?') throw new Error(`the server says ${text}`);
          return Buffer.from(word);
        },
      }),
    },
  });

  it('comes before everything that was asked', async () => {
    const fake = await saslServer('welcome');
    const zk = clients.create(fake.connectString, { sasl: speaking('yes') });
    expect(await failure(zk.get('/a'))).toMatchObject({ code: 'NoNode' });
    const opcodes = fake.heard.map((frame) => Buffer.from(frame).readInt32BE(4));
    expect(opcodes).toEqual([Opcode.Sasl, Opcode.Sasl, Opcode.GetData]);
    await clients.close();
    await fake.close();
  });

  it('that fails on either side ends the client', async () => {
    const fake = await saslServer('liar');
    for (const [word, reason] of [
      ['no', /was refused/],
      ['yes', /says liar/],
    ] as const) {
      const zk = clients.create(fake.connectString, { sasl: speaking(word) });
      const reasonOf = (await zk.closed) as { error: { code: string; cause: Error } };
      expect(reasonOf).toMatchObject({ type: 'auth-failed', error: { code: 'AuthFailed' } });
      expect(reasonOf.error.cause.message).toMatch(reason);
    }
    await fake.close();
  });

  it('ends the client if the mechanism cannot even begin', async () => {
    const fake = await saslServer('welcome');
    const exchange = () => {
      throw new Error('no ticket');
    };
    const zk = clients.create(fake.connectString, { sasl: { mechanism: { name: 'T', exchange } } });
    expect(await zk.closed).toMatchObject({ error: { cause: new Error('no ticket') } });
    await fake.close();
  });

  it('may be missing only if that was said', async () => {
    const fake = await FakeServer.start();
    fake.answer = (opcode) => (opcode === Opcode.Sasl ? saslAnswer(null) : { code: -101 });
    const user = { username: 'ann', password: 'secret' };
    const strict = clients.create(fake.connectString, { sasl: user });
    expect(await strict.closed).toMatchObject({ type: 'auth-failed' });
    const lenient = clients.create(fake.connectString, { sasl: { ...user, required: false } });
    expect(await failure(lenient.get('/a'))).toMatchObject({ code: 'NoNode' });
    await clients.close();
    await fake.close();
  });
});

describe('a server that only reads', () => {
  it('will do for who says so, and refuses writes', async () => {
    const fake = await FakeServer.start();
    fake.isReadOnly = true;
    fake.answer = (opcode) => ({
      code: opcode === Opcode.Create2 ? ErrorCode.NotReadOnly : ErrorCode.NoNode,
    });
    const zk = await clients.connect(fake.connectString, { readOnly: true });
    expect(zk.state).toBe('read-only');
    expect(await failure(zk.create('/a'))).toBeInstanceOf(NotReadOnlyError);
    expect(await zk.exists('/a')).toBeNull();
    await clients.close();
    await fake.close();
  });
});

describe('what a server says', () => {
  let fake: FakeServer;
  let zk: ZooKeeper;

  async function begin(options: object = {}): Promise<void> {
    fake = await FakeServer.start();
    zk = await clients.connect(fake.connectString, options);
  }

  afterEach(async () => {
    await clients.close();
    await fake.close();
  });

  it('may have a code that nobody knows', async () => {
    await begin();
    fake.answer = () => ({ code: -999 });
    const error = await failure(zk.get('/a'));
    expect(error).toMatchObject({ code: -999, message: 'get /a: -999', retryable: false });
  });

  it('may be no answer to the question', async () => {
    await begin();
    fake.answer = () => ({ body: (writer) => writer.int(1000) });
    expect(await failure(zk.get('/a'))).toMatchObject({ code: 'BadReply', maybeApplied: true });
    fake.answer = () => ({ code: ErrorCode.NoNode });
    expect(zk.state).toBe('connected');
  });

  it('may be more than fits', async () => {
    await begin({ maxFrameLength: 1000 });
    fake.answer = () => ({ body: (writer) => writer.buffer(new Uint8Array(2000)) });
    expect(await failure(zk.children('/a'))).toMatchObject({ code: 'ReplyTooLarge' });
  });

  it('may have to be asked for in less words', async () => {
    await begin();
    const error = await failure(zk.create('/a', new Uint8Array(2 ** 20)));
    expect(error).toMatchObject({ code: 'RequestTooLarge', maybeApplied: false });
  });

  it('may be nothing at all', async () => {
    await begin();
    fake.isSilent = true;
    const nobody = connect({
      servers: fake.connectString,
      sessionTimeout: 600,
      reconnectJitter: 0,
    });
    expect(await failure(nobody)).toMatchObject({
      failures: [{ reason: 'the server did not greet' }],
    });
  });
});
