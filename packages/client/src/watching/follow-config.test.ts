import { createServer } from 'node:net';
import { asServerId } from '@zabra/wire';
import { afterEach, describe, expect, it } from 'vitest';
import { TestClients } from '../testing/test-clients.ts';
import { TestProxy } from '../testing/test-proxy.ts';
import { startTestServer } from '../testing/test-server.ts';

/** How long may be waited for what takes no time on a quiet machine. */
const SOON = { timeout: 20_000 };
const clients = new TestClients();

afterEach(() => clients.close());

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

describe('a client that follows the configuration', () => {
  it('goes where the ensemble says, and hears of servers that join', async () => {
    const port = await freePort();
    const id = asServerId(1n);
    const ports = { quorumPort: await freePort(), electionPort: await freePort() };
    const addresses = [{ host: '127.0.0.1', ...ports }];
    const client = { host: '0.0.0.0', port };
    const me = { id, role: 'participant', addresses, client, secureClient: null } as const;
    const committed = { members: [me], groups: [], weights: [], version: 0n };
    const ensemble = { id, committed, next: null, file: null };
    const limits = {
      initLimitTicks: 10,
      syncLimitTicks: 5,
      reconfigEnabled: true,
      skipAcl: true,
      standaloneEnabled: false,
    };
    const server = await startTestServer({
      port,
      inMemory: true,
      settings: { ...limits, ensemble },
    });
    const proxy = await TestProxy.start(port);
    const zk = clients.create(proxy.connectString, { followConfig: true });
    await expect.poll(() => zk.server, SOON).toEqual({ host: '127.0.0.1', port });
    const told: string[][] = [];
    zk.on('servers', ({ servers }) => told.push(servers.map((one) => `${one.host}:${one.port}`)));
    const changed = await zk.reconfig({
      joining: ['server.2=127.0.0.1:1:2:observer;127.0.0.1:3'],
      fromVersion: (await zk.config()).version,
    });
    expect(changed.members.map((member) => member.id)).toEqual([1n, 2n]);
    await expect.poll(() => told, SOON).toEqual([[`127.0.0.1:${port}`, '127.0.0.1:3']]);
    await clients.close();
    await proxy.close();
    await server.close();
  });

  it('stays where it is on a server that belongs to no ensemble', async () => {
    const server = await startTestServer();
    const zk = await clients.connect(server.connectString, { followConfig: true });
    await zk.config();
    await zk.sync();
    expect(zk.server).toEqual({ host: 'localhost', port: server.port });
    await clients.close();
    await server.close();
  });
});
