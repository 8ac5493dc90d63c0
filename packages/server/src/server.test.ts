import { existsSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asServerId } from '@zabra/wire';
import { describe, expect, it } from 'vitest';
import { startServer } from './server.ts';

describe('a server in a program', () => {
  it('starts in memory on a free port, and ends when told', async () => {
    const server = await startServer();
    expect(server.port).toBeGreaterThan(0);
    expect(server.connectString).toBe(`localhost:${server.port}`);
    await server.close();
    await expect(server.closed).resolves.toBeUndefined();
    await server.close();
  });

  it('may be one of several', async () => {
    const servers = await Promise.all([startServer(), startServer(), startServer()]);
    expect(new Set(servers.map(({ port }) => port)).size).toBe(3);
    await Promise.all(servers.map((server) => server.close()));
  });

  it('says so when its port is taken, and what to do', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(startServer({ port })).rejects.toThrow(/in use: stop what listens there/);
    other.close();
  });

  it('refuses a member whose members may change with no place to write them down', async () => {
    const ensemble = ensembleOf({ quorumPort: await freePort(), electionPort: await freePort() });
    const settings = { ensemble, reconfigEnabled: true };
    const dataDir = join(tmpdir(), 'zabra-never-made');
    await expect(startServer({ settings, dataDir })).rejects.toThrow(
      /reconfigEnabled=true needs a configuration file.*ensemble\.file/s,
    );
    expect(existsSync(dataDir)).toBe(false);
  });

  it('keeps the promises of a member on a disk, unless it is told not to', async () => {
    const ensemble = ensembleOf({ quorumPort: await freePort(), electionPort: await freePort() });
    const settings = { ensemble, initLimitTicks: 10, syncLimitTicks: 5, tickTimeMs: 100 };
    await expect(startServer({ settings })).rejects.toThrow(/needs a dataDir/);
    const lines: string[] = [];
    const log = { write: (_level: string, text: string) => void lines.push(text) };
    const server = await startServer({ settings, inMemory: true, log });
    await expect.poll(() => lines).toContain('leading');
    await server.close();
    await expect(server.closed).resolves.toBeUndefined();
  });

  it('finishes what is under way, and waits for nobody who goes on asking', async () => {
    const server = await startServer();
    const client = connect(server.port, '127.0.0.1');
    client.on('error', () => {});
    const hello = Buffer.alloc(49);
    hello.writeInt32BE(45, 0);
    hello.writeInt32BE(10_000, 16);
    hello.writeInt32BE(16, 28);
    client.write(hello);
    await new Promise((resolve) => client.once('data', resolve));
    const asking = setInterval(() => client.write(setRootData), 1);
    await server.close();
    clearInterval(asking);
    client.destroy();
    await expect(server.closed).resolves.toBeUndefined();
  });
});

/** One that is a quorum of its own. */
function ensembleOf(ports: { quorumPort: number; electionPort: number }) {
  const id = asServerId(1n);
  const addresses = [{ host: '127.0.0.1', ...ports }];
  const me = { id, role: 'participant', addresses, client: null, secureClient: null } as const;
  const committed = { members: [me], groups: [], weights: [], version: 0n };
  return { id, committed, next: null, file: null };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

/** setData of the root to nothing, any version. */
const setRootData = Buffer.from(
  '00000015000000010000000500000001' + '2f' + '00000000' + 'ffffffff',
  'hex',
);
