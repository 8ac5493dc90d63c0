import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asServerId, type Ensemble, type Member } from '@zabra/wire';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFiles } from '../store/node-files.ts';
import { FaultyFiles } from '../testing/faulty-files.ts';
import { ConfigurationFiles } from './configuration-files.ts';
import { resolveSettings } from './resolve-settings.ts';
import type { ServerSettings } from './settings.ts';

let directory: string;
let file: string;
let files: FaultyFiles;
let kept: ConfigurationFiles;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'zabra-configuration-'));
  file = join(directory, 'zoo.cfg');
  files = new FaultyFiles(nodeFiles);
  kept = new ConfigurationFiles(files, { file, id: asServerId(1n) });
  await writeFile(file, staticText());
  await writeFile(join(directory, 'myid'), '1\n');
});

afterEach(() => rm(directory, { recursive: true }));

function staticText(): string {
  return [
    `dataDir=${directory}`,
    'initLimit=5',
    'syncLimit=2',
    'reconfigEnabled=true',
    'standaloneEnabled=false',
    '# Three of them.',
    'server.1=a:2888:3888',
    'server.2=b:2888:3888',
    'server.3=c:2888:3888',
    'clientPort=2181',
    '',
  ].join('\n');
}

/** What a server would start with now. */
async function started(): Promise<ServerSettings> {
  return resolveSettings({ file: { path: file, text: await text('zoo.cfg') } }).settings;
}

function text(name: string): Promise<string> {
  return readFile(join(directory, name), 'utf8');
}

function member(id: bigint, more: Partial<Member> = {}): Member {
  return {
    id: asServerId(id),
    role: 'participant',
    addresses: [{ host: `host-${id}`, quorumPort: 2888, electionPort: 3888 }],
    client: { host: '0.0.0.0', port: 2181 },
    secureClient: null,
    ...more,
  };
}

function ensembleOf(version: bigint, ...members: readonly Member[]): Ensemble {
  return { members, groups: [], weights: [], version };
}

describe('ConfigurationFiles', () => {
  it('moves the members out of zoo.cfg when they change first', async () => {
    await kept.storeCommitted(
      ensembleOf(0x100000003n, member(2n), member(1n), member(10n, { role: 'observer' })),
    );
    expect((await readdir(directory)).sort()).toEqual([
      'myid',
      'zoo.cfg',
      'zoo.cfg.bak',
      'zoo.cfg.dynamic.100000003',
    ]);
    expect(await text('zoo.cfg.dynamic.100000003')).toBe(
      [
        'server.10=host-10:2888:3888:observer;0.0.0.0:2181',
        'server.1=host-1:2888:3888:participant;0.0.0.0:2181',
        'server.2=host-2:2888:3888:participant;0.0.0.0:2181',
        '',
      ].join('\n'),
    );
    expect(await text('zoo.cfg')).toBe(
      [
        `dataDir=${directory}`,
        'initLimit=5',
        'syncLimit=2',
        'reconfigEnabled=true',
        'standaloneEnabled=false',
        '# Three of them.',
        `dynamicConfigFile=${file}.dynamic.100000003`,
        '',
      ].join('\n'),
    );
    expect(await text('zoo.cfg.bak')).toBe(staticText());
  });

  it('names the newest when they change again, and keeps what zoo.cfg was at first', async () => {
    await kept.storeCommitted(ensembleOf(1n, member(1n)));
    await kept.storeCommitted(ensembleOf(2n, member(1n), member(2n)));
    expect(await text('zoo.cfg')).toContain(`dynamicConfigFile=${file}.dynamic.2\n`);
    expect(await text('zoo.cfg.bak')).toBe(staticText());
  });

  it('leaves zoo.cfg alone where it names the file already', async () => {
    const ensemble = ensembleOf(1n, member(1n));
    await kept.storeCommitted(ensemble);
    const before = files.calls.length;
    await kept.storeCommitted(ensemble);
    expect(files.calls.slice(before).filter((call) => call.includes('zoo.cfg.tmp'))).toEqual([]);
  });

  it('leaves the client port where the server line does not say it', async () => {
    await kept.storeCommitted(ensembleOf(1n, member(1n, { client: null })));
    expect(await text('zoo.cfg')).toContain('clientPort=2181\n');
  });

  it('keeps what was proposed, and forgets it', async () => {
    await kept.storeCommitted(ensembleOf(1n, member(1n)));
    const next = ensembleOf(2n, member(1n), member(2n));
    await kept.storeNext(next);
    expect(await text('zoo.cfg.dynamic.next')).toMatch(/\nversion=2\n$/);
    expect((await started()).ensemble?.next).toEqual(next);
    await kept.storeNext(null);
    await kept.storeNext(null);
    expect((await started()).ensemble?.next).toBeNull();
  });

  it('syncs each file and its name before the next one names it', async () => {
    await kept.storeCommitted(ensembleOf(1n, member(1n)));
    const steps = ['open', 'write', 'sync', 'close', 'rename', 'syncDirectory'];
    const calls = files.operations.map(({ call }) => call).filter((call) => call !== 'readText');
    expect(calls).toEqual([...steps, ...steps, ...steps]);
    expect(
      files.operations.filter(({ call }) => call === 'rename').map(({ target }) => target),
    ).toEqual(['zoo.cfg.dynamic.1', 'zoo.cfg.bak', 'zoo.cfg']);
  });

  it('leaves a server that can start, whichever call fails', async () => {
    const before = (await started()).ensemble?.committed.members;
    const changed = ensembleOf(1n, member(1n), member(2n));
    for (const call of ['open', 'write', 'sync', 'rename', 'syncDirectory'] as const) {
      for (let skip = 0; skip < 3; skip += 1) {
        files.fail({ call, skip, errno: 'EIO' });
        await expect(kept.storeCommitted(changed)).rejects.toThrow('EIO');
        files.heal();
        const found = (await started()).ensemble?.committed.members;
        const isLast = call === 'syncDirectory' && skip === 2;
        expect(found).toEqual(isLast ? changed.members : before);
        await writeFile(file, staticText());
      }
    }
    await kept.storeCommitted(changed);
    expect((await started()).ensemble?.committed).toEqual(changed);
  });

  it('gives back what it was given', async () => {
    const anyMember = (id: bigint): fc.Arbitrary<Member> =>
      fc
        .record({
          role:
            id === 1n
              ? fc.constant('participant' as const)
              : fc.constantFrom('participant', 'observer'),
          host: fc.constantFrom('a.example', '10.0.0.1', '::1', 'ä.example'),
          client: fc.constantFrom(null, { host: '0.0.0.0', port: 2181 }, { host: '::', port: 1 }),
          secureClient: fc.constantFrom(null, { host: '0.0.0.0', port: 2281 }),
        })
        .map(({ host, ...rest }) => ({
          id: asServerId(id),
          addresses: [{ host, quorumPort: 2888, electionPort: 3888 }],
          ...rest,
        }));
    const ensembles = fc
      .tuple(
        fc.tuple(anyMember(1n), anyMember(2n), anyMember(3n)),
        fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
        fc.boolean(),
      )
      .map(([members, version, isGrouped]): Ensemble => {
        const ids = members.map(({ id }) => id);
        const weights = ids.map((id) => ({ member: id, weight: Number(id) }));
        const groups = [{ id: 7n, members: ids }];
        return isGrouped
          ? { members, groups, weights, version }
          : { members, groups: [], weights: [], version };
      });
    await fc.assert(
      fc.asyncProperty(ensembles, async (ensemble) => {
        await writeFile(file, staticText());
        await kept.storeCommitted(ensemble);
        expect((await started()).ensemble?.committed).toEqual(ensemble);
      }),
      { numRuns: 40 },
    );
  });
});
