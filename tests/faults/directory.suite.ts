/** Data directories a server must not use, or not yet: it refuses to start and says why. */
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RawClient } from '../support/raw-client.ts';
import { createBody, Op, pathAndWatch } from '../support/raw-requests.ts';
import {
  productUnderTest,
  type ServerProcess,
  startServer,
  temporaryDirectory,
} from '../support/server.ts';
import { SmallDisk } from './small-disk.ts';
import { expectStopped } from './stopped.ts';

const DISK_KIB = 4096;

let directory: string;

beforeEach(async () => {
  directory = await temporaryDirectory('directory');
});

afterEach(() => rm(directory, { recursive: true, force: true }));

async function createOn(server: ServerProcess, path: string): Promise<void> {
  const client = await RawClient.connect({ port: server.port });
  await client.must(Op.create, createBody(path));
  await client.closeSession();
}

async function expectThere(server: ServerProcess, path: string): Promise<void> {
  const client = await RawClient.connect({ port: server.port });
  await client.must(Op.exists, pathAndWatch(path));
  await client.closeSession();
}

describe('a directory that cannot be written', () => {
  it('a read-only file system, and the same one writable again', async (ctx) => {
    const disk = await SmallDisk.mount(join(directory, 'disk'), DISK_KIB);
    if (!disk) {
      ctx.skip('mounting a file system is not permitted');
      return;
    }
    try {
      const place = { directory, dataDir: disk.path };
      const first = await startServer(place);
      await createOn(first, '/kept');
      await first.stop();
      disk.makeReadOnly();
      const refused = await startServer({ ...place, untilServing: false });
      await expectStopped(refused, /read-only|EROFS|not writable|cannot write/i);
      disk.makeWritable();
      const again = await startServer(place);
      await expectThere(again, '/kept');
      await again.stop();
    } finally {
      disk.unmount();
    }
  });

  it('a directory without the permission to write', async (ctx) => {
    if (process.getuid?.() === 0) ctx.skip('permissions do not bind root');
    const dataDir = join(directory, 'sealed');
    await mkdir(dataDir);
    await chmod(dataDir, 0o555);
    const refused = await startServer({ directory, dataDir, untilServing: false });
    await expectStopped(refused, /permission|EACCES|cannot write|not writable|unable to create/i);
    await chmod(dataDir, 0o755);
  });

  it('a file where the directory should be', async () => {
    const dataDir = join(directory, 'file');
    await writeFile(dataDir, 'not a directory');
    const refused = await startServer({ directory, dataDir, untilServing: false });
    const said = await expectStopped(refused, /directory/i);
    expect(said).toContain(dataDir);
  });
});

describe('a directory in use', () => {
  it('a second server is refused and told whose it is; the first one does not notice', async (ctx) => {
    if (productUnderTest() !== 'zabra') ctx.skip('Apache lets two servers ruin one directory');
    const first = await startServer({ directory });
    await createOn(first, '/first');
    const second = join(directory, 'second');
    await mkdir(second);
    const refused = await startServer({
      directory: second,
      dataDir: first.dataDir,
      untilServing: false,
    });
    const said = await expectStopped(refused, /in use|already|another/i);
    expect(said).toContain(String(first.pid));
    expect(said).toContain(first.dataDir);
    await createOn(first, '/first/more');
    await first.stop();
    const next = await startServer({ directory });
    await expectThere(next, '/first/more');
    await next.stop();
  });

  it('a directory whose server was killed is taken over', async () => {
    const first = await startServer({ directory });
    await createOn(first, '/kept');
    await first.kill();
    const next = await startServer({ directory });
    await expectThere(next, '/kept');
    await next.stop();
  });
});
