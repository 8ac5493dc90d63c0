import { describe, expect, it } from 'vitest';
import { clientSettings, namedServers, type ServerList } from './connect-options.ts';

function serversOf(servers: ServerList): string[] {
  return clientSettings({ servers }).session.servers.map(({ host, port }) => `${host} ${port}`);
}

describe('options', () => {
  it('name servers in many ways', () => {
    expect(serversOf('a, b:2,[::1]:3,')).toEqual(['a 2181', 'b 2', '::1 3']);
    expect(serversOf(['a:1', 'b'])).toEqual(['a 1', 'b 2181']);
    expect(serversOf([{ host: '::1', port: 4 }, { host: '::2' }, 'c'])).toEqual([
      '::1 4',
      '::2 2181',
      'c 2181',
    ]);
    expect(clientSettings({ servers: 'dns-srv://zk.example/app' })).toMatchObject({
      srvName: 'zk.example',
      root: '/app',
      session: { servers: [{ host: 'zk.example' }] },
    });
    expect(() => namedServers('dns-srv://zk.example')).toThrow(/names hosts/);
  });

  it('name the root of what is seen', () => {
    expect(clientSettings({ servers: 'a/x/y' }).root).toBe('/x/y');
    expect(clientSettings({ servers: ['a', 'b/x'] }).root).toBe('/x');
    expect(clientSettings({ servers: 'a', chroot: '/x' }).root).toBe('/x');
    expect(clientSettings({ servers: 'a/x', chroot: '/y' }).root).toBe('/x/y');
    expect(clientSettings({ servers: 'a', chroot: '/' }).root).toBe('');
  });

  it.each<[string, ServerList, string | undefined]>([
    ['no server is named', [], undefined],
    ['names no host', ':1', undefined],
    ['does not start with a slash', 'a', 'x'],
    ['ends with a slash', 'a/x/', undefined],
  ])('are refused where they cannot be: %s', (problem, servers, chroot) => {
    const options = chroot === undefined ? { servers } : { servers, chroot };
    expect(() => clientSettings(options)).toThrow(
      expect.objectContaining({ code: 'BadArguments', message: expect.stringContaining(problem) }),
    );
  });

  it('become settings of the session', () => {
    const id = 5n;
    const password = new Uint8Array(16);
    const { session } = clientSettings({
      servers: 'a',
      sessionTimeout: 1,
      connectTimeout: 2,
      reconnectJitter: 3,
      session: { id, password },
      readOnly: true,
      offlineQueue: { maxRequests: 4, maxBytes: 5, maxWait: 6 },
      maxInFlight: 7,
      maxFrameLength: 8,
    });
    expect(session).toMatchObject({
      timeoutMs: 1,
      connectTimeoutMs: 2,
      jitterMsMax: 3,
      credentials: { sessionId: id, password },
      canBeReadOnly: true,
      waitingRequestsMax: 4,
      waitingBytesMax: 5,
      offlineWaitMs: 6,
      inFlightRequestsMax: 7,
      frameBytesMax: 8,
      sasl: false,
    });
    expect(clientSettings({ servers: 'a', offlineQueue: false }).session.offlineWaitMs).toBe(0);
    expect(clientSettings({ servers: 'a' }).session.timeoutMs).toBe(30_000);
  });
});
