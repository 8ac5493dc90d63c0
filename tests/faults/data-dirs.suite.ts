/**
 * Data directories written by Apache ZooKeeper 3.8.0, whole and damaged. What can be trusted is
 * served exactly as described beside it; what cannot is refused with the reason, and left as it is.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RawClient } from '../support/raw-client.ts';
import { levelOf, productUnderTest, startServer, temporaryDirectory } from '../support/server.ts';
import { expectStopped } from './stopped.ts';
import { byPath, type DescribedNode, readTree } from './tree-reader.ts';

const golden = fileURLToPath(new URL('../golden/data-dirs/', import.meta.url));
const SUPER_PASSWORD = 'secret';
const CONFIG_NODE = '/zookeeper/config';

interface Description {
  readonly apacheStarts?: boolean;
  readonly tree?: readonly DescribedNode[];
  readonly sessionsOpenAtKill?: readonly { readonly sessionId: string; readonly passwd: string }[];
}

/** Directories that need more than the defaults. */
const settingsOf: Readonly<Record<string, Record<string, string>>> = {
  'no-snapshot-trusted': { 'snapshot.trust.empty': 'true' },
};

/** Why a directory is refused, as an operator should read it. */
const refusals: Readonly<Record<string, RegExp>> = {
  'bad-crc': /checksum|crc|corrupt/i,
  'no-snapshot': /snapshot/i,
  'log-empty-tail': /log|EOF/i,
};

/** A log file without a byte is what a crash right after opening one leaves; 3.9 steps over it. */
const startsSince39: Readonly<Record<string, string>> = {
  'log-empty-tail': 'standalone-all-types',
};

const names = (await readdir(golden))
  .filter((file) => file.endsWith('.tar.gz'))
  .map((file) => file.slice(0, -'.tar.gz'.length));

async function descriptionOf(name: string): Promise<Description> {
  return JSON.parse(await readFile(join(golden, `${name}.json`), 'utf8'));
}

/** Unpacks a directory as the data directory of a server to be started in `directory`. */
async function unpack(name: string, directory: string): Promise<string> {
  const packed = join(golden, `${name}.tar.gz`);
  await mkdir(directory, { recursive: true });
  const unpacked = spawnSync('tar', ['-xzf', packed, '-C', directory], { encoding: 'utf8' });
  if (unpacked.status !== 0) throw new Error(`cannot unpack ${packed}: ${unpacked.stderr}`);
  const dataDir = join(directory, 'data');
  await rename(join(directory, name), dataDir);
  // Members of an ensemble are read alone here.
  await rm(join(dataDir, 'myid'), { force: true });
  return dataDir;
}

async function contentsOf(dataDir: string): Promise<Map<string, string>> {
  const folder = join(dataDir, 'version-2');
  const files = (await readdir(folder)).filter((name) => /^(log|snapshot)\./.test(name)).sort();
  const contents = files.map(async (file): Promise<[string, string]> => {
    return [file, (await readFile(join(folder, file))).toString('base64')];
  });
  return new Map(await Promise.all(contents));
}

let directory: string;

beforeEach(async () => {
  directory = await temporaryDirectory('data-dir');
});

afterEach(() => rm(directory, { recursive: true, force: true }));

describe('data directories of Apache ZooKeeper 3.8.0', () => {
  for (const name of names) {
    it(name, async () => {
      const description = await descriptionOf(name);
      const base = levelOf(productUnderTest()) === '3.9' ? startsSince39[name] : undefined;
      if (base) await expectServed(name, await descriptionOf(base));
      else if (description.apacheStarts === false) await expectRefused(name);
      else await expectServed(name, description);
    });
  }

  async function expectRefused(name: string): Promise<void> {
    const dataDir = await unpack(name, directory);
    const before = await contentsOf(dataDir);
    const server = await startServer({ directory, untilServing: false });
    await expectStopped(server, refusals[name] ?? /./);
    expect(await contentsOf(dataDir)).toEqual(before);
  }

  async function expectServed(name: string, description: Description): Promise<void> {
    await unpack(name, directory);
    const server = await startServer({
      directory,
      settings: {
        extendedTypesEnabled: true,
        'DigestAuthenticationProvider.superDigest': 'super:lK75jTNcA+U9vtVEw5vB51mj/w4=',
        ...settingsOf[name],
      },
    });
    const tree = await readTree(server.port, SUPER_PASSWORD);
    // The configuration node of a member is written from its own configuration at every start.
    const isCompared = (node: DescribedNode): boolean =>
      !name.startsWith('quorum-member') || node.path !== CONFIG_NODE;
    const expected = [...(description.tree ?? [])].sort(byPath).filter(isCompared);
    expect(tree.filter(isCompared)).toEqual(expected);
    for (const { sessionId, passwd } of description.sessionsOpenAtKill ?? []) {
      await expectReattached(server.port, BigInt(sessionId), Buffer.from(passwd, 'hex'));
    }
    await server.stop();
  }

  async function expectReattached(
    port: number,
    sessionId: bigint,
    password: Buffer,
  ): Promise<void> {
    const client = await RawClient.connect({
      port,
      sessionId: BigInt.asIntN(64, sessionId),
      password,
    });
    expect(BigInt.asUintN(64, client.session.sessionId)).toBe(sessionId);
    client.destroy();
  }
});
