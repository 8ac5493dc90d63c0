import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Loopback } from '../testing/loopback.ts';
import { NameResolver } from './name-resolver.ts';
import { PeerListener, type PeerListenerOptions } from './peer-listener.ts';

let loopback: Loopback;
let listeners: PeerListener[];
let isKnown: boolean;

beforeEach(() => {
  loopback = new Loopback();
  listeners = [];
  isKnown = false;
});

afterEach(() => {
  loopback.close();
  for (const listener of listeners) listener.close();
});

function make(options: Partial<PeerListenerOptions> = {}): {
  listener: PeerListener;
  told: string[];
} {
  const told: string[] = [];
  const resolver = new NameResolver((host, done) =>
    done(host === 'mine' || isKnown ? ['127.0.0.1'] : []),
  );
  const listener = new PeerListener(
    {
      resolver,
      keepAlive: false,
      portName: 'election port',
      triesMax: 3,
      waitsForNames: true,
      listensOnAll: false,
      ...options,
    },
    {
      onAccepted: ({ socket }) => {
        told.push('accepted');
        socket.destroy();
      },
      onBound: () => told.push('bound'),
      onFailed: (reason) => told.push(`failed: ${reason}`),
      onNotice: (text) => told.push(`notice: ${text}`),
    },
  );
  listeners.push(listener);
  return { listener, told };
}

describe('PeerListener', () => {
  it.each([
    ['the address of its line', false, '127.0.0.1'],
    ['the name of its line', false, 'mine'],
    ['all addresses, whatever its line says', true, 'elsewhere.example'],
  ])('accepts at %s', async (_where, listensOnAll, host) => {
    const port = await loopback.freePort();
    const { listener, told } = make({ listensOnAll });
    listener.open([{ host, port }]);
    await expect.poll(() => told).toEqual(['bound']);
    await loopback.connect(port);
    await expect.poll(() => told).toEqual(['bound', 'accepted']);
  });

  it('is bound when all its addresses are', async () => {
    const ports = [await loopback.freePort(), await loopback.freePort()];
    const { listener, told } = make();
    listener.open(ports.map((port) => ({ host: 'mine', port })));
    await expect.poll(() => told).toEqual(['bound']);
    for (const port of ports) await loopback.connect(port);
    await expect.poll(() => told).toEqual(['bound', 'accepted', 'accepted']);
  });

  it('frees its port at once, and takes it again at once', async () => {
    const port = await loopback.freePort();
    for (let round = 0; round < 3; round += 1) {
      const { listener, told } = make({ triesMax: 1 });
      listener.open([{ host: '127.0.0.1', port }]);
      await expect.poll(() => told).toEqual(['bound']);
      listener.close();
    }
    await expect(loopback.connect(port)).rejects.toThrow('ECONNREFUSED');
  });

  it('tries a port that is taken again, for some times', async () => {
    const { port, server } = await loopback.listen(() => {});
    const once = make({ triesMax: 1 });
    const text = `the election port 127.0.0.1:${port} is in use: stop what listens there`;
    once.listener.open([{ host: '127.0.0.1', port }]);
    await expect.poll(() => once.told).toEqual([`failed: ${text}`]);
    const often = make({ triesMax: 3 });
    often.listener.open([{ host: '127.0.0.1', port }]);
    await expect.poll(() => often.told).toEqual([`notice: ${text}`]);
    server.close();
    await expect.poll(() => often.told, { timeout: 3000 }).toContain('bound');
  });

  it('says that an address is not its own', async () => {
    const { listener, told } = make({ triesMax: 1 });
    listener.open([{ host: '192.0.2.1', port: await loopback.freePort() }]);
    await expect.poll(() => told.join()).toContain('at no address of this machine');
  });

  it('waits for its own name, or fails, as it is told', async () => {
    const port = await loopback.freePort();
    const patient = make({ triesMax: 1 });
    const text = `cannot listen on not.yet:${port}: the name is not known`;
    patient.listener.open([{ host: 'not.yet', port }]);
    await expect.poll(() => patient.told).toEqual([`notice: ${text}`]);
    const hasty = make({ waitsForNames: false });
    hasty.listener.open([{ host: 'not.yet', port }]);
    await expect.poll(() => hasty.told).toEqual([`failed: ${text}`]);
    isKnown = true;
    await expect.poll(() => patient.told, { timeout: 3000 }).toContain('bound');
  });

  it('tries nothing more once it is closed', async () => {
    const { port, server } = await loopback.listen(() => {});
    const { listener, told } = make({ triesMax: 0 });
    listener.open([{ host: '127.0.0.1', port }]);
    await expect.poll(() => told).toHaveLength(1);
    listener.close();
    server.close();
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await expect(loopback.connect(port)).rejects.toThrow('ECONNREFUSED');
  });

  it('does not listen when it is closed at the last moment', async () => {
    const port = await loopback.freePort();
    const resolver = new NameResolver((_host, done) => {
      done(['127.0.0.1']);
      listener.close();
    });
    const { listener, told } = make({ resolver });
    listener.open([{ host: 'mine', port }]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(loopback.connect(port)).rejects.toThrow('ECONNREFUSED');
    expect(told).toEqual([]);
  });
});
