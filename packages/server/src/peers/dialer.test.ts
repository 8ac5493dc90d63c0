import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Loopback } from '../testing/loopback.ts';
import { type CallEvents, Dialer, isOnItsOwn } from './dialer.ts';
import { type LookUp, NameResolver } from './name-resolver.ts';

/** Packets to it vanish, or are refused at once where there is no way to anywhere. */
const BLACK_HOLE = '192.0.2.1';

let loopback: Loopback;

beforeEach(() => {
  loopback = new Loopback();
});

afterEach(() => loopback.close());

function dialerWith(lookUp: LookUp): Dialer {
  return new Dialer({ resolver: new NameResolver(lookUp), keepAlive: true });
}

const names: LookUp = (host, done) => {
  const found = { both: [BLACK_HOLE, '127.0.0.1'], local: ['127.0.0.1'] }[host] ?? [];
  if (host !== 'stuck') setImmediate(done, found);
};

type Outcome = { readonly socket: Socket; readonly received: () => string } | string;

function call(
  dialer: Dialer,
  port: number,
  hosts: readonly string[],
  ms: number,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const events: CallEvents = {
      onAnswered: ({ socket, listen }) => {
        let received = '';
        listen((bytes) => {
          received += Buffer.from(bytes).toString();
        });
        resolve({ socket, received: () => received });
      },
      onFailed: resolve,
    };
    dialer.call(
      hosts.map((host) => ({ host, port })),
      ms,
      events,
    );
  });
}

describe('Dialer', () => {
  it.each([
    ['an address', ['127.0.0.1']],
    ['a name', ['local']],
    ['a name whose first address is silent', ['both']],
    ['a second address where the first is silent', [BLACK_HOLE, '127.0.0.1']],
    ['a second name where the first is unknown', ['nowhere', 'local']],
    ['a second name where the first is still being looked up', ['local', 'stuck']],
  ])('reaches a server by %s', async (_what, hosts) => {
    const { port } = await loopback.listen((socket) => socket.write('hello'));
    const outcome = await call(dialerWith(names), port, hosts, 3000);
    if (typeof outcome === 'string') throw new Error(outcome);
    await expect.poll(outcome.received).toBe('hello');
    outcome.socket.destroy();
  });

  it('calls a server once where several of its addresses answer', async () => {
    let calls = 0;
    const { port } = await loopback.listen(() => {
      calls += 1;
    });
    const outcome = await call(dialerWith(names), port, ['127.0.0.1', 'local'], 3000);
    if (typeof outcome === 'string') throw new Error(outcome);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(calls).toBe(1);
    outcome.socket.destroy();
  });

  it('says why nobody answered', async () => {
    const port = await loopback.freePort();
    const dialer = dialerWith(names);
    expect(await call(dialer, port, ['127.0.0.1'], 3000)).toContain('ECONNREFUSED');
    expect(await call(dialer, port, ['nowhere'], 3000)).toBe('no address of it is known');
    expect(await call(dialer, port, [], 3000)).toBe('no address of it is known');
    expect(await call(dialer, port, ['stuck'], 50)).toMatch(/in time|no address/);
  });

  it('does not make one server wait for the name of another', async () => {
    const { port } = await loopback.listen(() => {});
    const dialer = dialerWith(names);
    await call(dialer, port, ['local'], 3000).then((outcome) => {
      if (typeof outcome !== 'string') outcome.socket.destroy();
    });
    const isStuck = call(dialer, port, ['stuck'], 1500);
    const outcome = await call(dialer, port, ['local'], 2000);
    expect(outcome).not.toBeTypeOf('string');
    if (typeof outcome !== 'string') outcome.socket.destroy();
    expect(await isStuck).toBeTypeOf('string');
  });

  it('tells nothing of a call that was given up', async () => {
    const told: string[] = [];
    const { port } = await loopback.listen(() => told.push('called'));
    const events: CallEvents = {
      onAnswered: () => told.push('answered'),
      onFailed: () => told.push('failed'),
    };
    const dialer = dialerWith(names);
    for (const hosts of [['127.0.0.1'], ['nowhere'], []]) {
      dialer
        .call(
          hosts.map((host) => ({ host, port })),
          20,
          events,
        )
        .giveUp();
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(told).toEqual([]);
  });

  it('leaves no connection behind when it is given up (B-61)', async () => {
    const accepted: Socket[] = [];
    const { port } = await loopback.listen((socket) => accepted.push(socket.resume()));
    const events: CallEvents = { onAnswered: () => {}, onFailed: () => {} };
    const call = dialerWith(names).call([{ host: '127.0.0.1', port }], 5000, events);
    // Behind the one in which the address is called.
    await new Promise((resolve) => setImmediate(resolve));
    call.giveUp();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(accepted.filter(({ closed }) => !closed)).toEqual([]);
  });
});

describe('isOnItsOwn', () => {
  it('knows a connection that has met nobody but itself', async () => {
    const port = await loopback.freePort();
    const alone = connect({ host: '127.0.0.1', port, localAddress: '127.0.0.1', localPort: port });
    await new Promise((resolve) => alone.once('connect', resolve));
    expect(isOnItsOwn(alone)).toBe(true);
    alone.destroy();
    const listening = await loopback.listen(() => {});
    expect(isOnItsOwn(await loopback.connect(listening.port))).toBe(false);
  });
});
