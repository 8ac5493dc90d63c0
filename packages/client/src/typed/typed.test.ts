import type { ServerHandle } from '@zabra/server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Codec, codecs, type ZooKeeper } from '../index.ts';
import { TestClients } from '../testing/test-clients.ts';
import { startTestServer } from '../testing/test-server.ts';

const clients = new TestClients();
let server: ServerHandle;
let zk: ZooKeeper;
let nextRoot = 0;

beforeAll(async () => {
  server = await startTestServer();
});

beforeEach(async () => {
  nextRoot += 1;
  const servers = `${server.connectString}/typed-${nextRoot}`;
  zk = await clients.connect(servers, { ensureChroot: true });
});

afterEach(() => clients.close());

afterAll(() => server.close());

describe('nodes as values', () => {
  it('are created, read, set and observed', async () => {
    const jobs = zk.typed(codecs.json<{ size: number }>());
    const values = jobs.observe('/job');
    expect((await values.next()).value).toBeNull();
    await jobs.create('/job', { size: 1 });
    expect((await values.next()).value).toMatchObject({ data: { size: 1 } });
    expect(await jobs.set('/job', { size: 2 }, { version: 0 })).toMatchObject({ version: 1 });
    expect(await jobs.get('/job')).toMatchObject({ path: '/job', data: { size: 2 } });
    await values.return!();
  });

  it('are changed by one after the other, however many want to at once', async () => {
    const counter = zk.typed(codecs.int64);
    const others = await Promise.all(
      [1, 2, 3].map(() => clients.connect(`${server.connectString}${zk.namespace}`)),
    );
    const changes = others.flatMap((other) =>
      [1, 2, 3, 4].map(() => other.typed(codecs.int64).update('/n', (n = 0n) => n + 1n)),
    );
    const done = await Promise.all(changes);
    expect(done.map((node) => node!.data).sort()).toEqual(
      Array.from({ length: 12 }, (_, i) => BigInt(i + 1)).sort(),
    );
    expect(await counter.get('/n')).toMatchObject({ data: 12n, stat: { version: 11 } });
    expect(await counter.update('/n', () => undefined)).toMatchObject({ data: 12n });
    expect(await counter.update('/none', () => undefined)).toBeNull();
    const failed = counter.update('/n', () => {
      throw new Error('mine');
    });
    await expect(failed).rejects.toThrow('mine');
  });
});

describe('codecs', () => {
  const at = { path: '/a', stat: {} as never };
  const turned = <T>(codec: Codec<T>, value: T): T =>
    codec.decode(Buffer.from(codec.encode(value)), at);

  it('give back what they were given', () => {
    expect(turned(codecs.utf8, '\uFEFFäß')).toBe('\uFEFFäß');
    expect(turned(codecs.bytes, Buffer.from([1, 2]))).toEqual(Buffer.from([1, 2]));
    expect(turned(codecs.int32, -5)).toBe(-5);
    expect(turned(codecs.int64, -(2n ** 63n))).toBe(-(2n ** 63n));
    expect(turned(codecs.decimal, 1.5)).toBe(1.5);
    expect(turned(codecs.json(), { a: [null] })).toEqual({ a: [null] });
    expect(turned(codecs.gzip(codecs.utf8), 'x'.repeat(1000))).toBe('x'.repeat(1000));
  });

  it('write the bytes that other programs read', () => {
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    expect(hex(codecs.int32.encode(-2))).toBe('fffffffe');
    expect(hex(codecs.int64.encode(258n))).toBe('0000000000000102');
    expect(hex(codecs.decimal.encode(12))).toBe('3132');
    // As Curator packs it.
    expect(hex(codecs.gzip(codecs.utf8).encode('hello'))).toBe(
      '1f8b0800000000000000cb48cdc9c9070086a6103605000000',
    );
  });

  it('refuse what is no such value', () => {
    const bad = Buffer.from('{bad');
    for (const codec of [codecs.int32, codecs.int64, codecs.decimal, codecs.json()] as const) {
      expect(() => codec.decode(bad.subarray(0, 3), at)).toThrow(
        expect.objectContaining({ code: 'BadValue', path: '/a' }),
      );
    }
    expect(() => codecs.gzip(codecs.utf8).decode(bad, at)).toThrow(
      expect.objectContaining({ code: 'BadValue' }),
    );
    expect(() => codecs.decimal.decode(Buffer.alloc(0), at)).toThrow();
    const positive = codecs.json((value) => {
      if (typeof value !== 'number' || value < 0) throw new Error('not positive');
      return value;
    });
    expect(() => positive.decode(Buffer.from('-1'), at)).toThrow(
      expect.objectContaining({ cause: new Error('not positive') }),
    );
    expect(() => codecs.int32.encode(2 ** 31)).toThrow(/no 32-bit number/);
    expect(() => codecs.int64.encode(2n ** 63n)).toThrow(/no 64-bit number/);
  });
});
