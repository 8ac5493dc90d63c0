/** Directories that Apache ZooKeeper 3.8.0 left behind: each gives its tree, or is refused. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '@zabra/replica';
import { ROOT_ROW, STAT_BYTES, type Tree } from '@zabra/tree';
import { decodeStat, JuteReader } from '@zabra/wire';
import { describe, expect, test } from 'vitest';
import {
  goldenDataDirFacts,
  goldenDataDirFiles,
  goldenDataDirs,
} from '../../../../tests/support/data-dirs.ts';
import type { ServerSettings } from '../config/settings.ts';
import { directoryOf, dispose, openStore, refusalOf } from '../testing/store-world.ts';

interface GoldenNode {
  readonly path: string;
  readonly data: string | null;
  readonly stat: Readonly<Record<string, string | number>>;
  readonly acl: readonly unknown[];
}

interface GoldenFacts {
  readonly apacheStarts?: boolean;
  readonly lastZxid?: string;
  /** Present where the tree was read by a session that is not in the directory. */
  readonly lastZxidInArchive?: string;
  readonly treeDigestAfterReplay?: string;
  readonly sessionsOpenAtKill?: readonly { readonly sessionId: string; readonly timeout: number }[];
  readonly tree?: readonly GoldenNode[];
}

const factsOf = (name: string): GoldenFacts => goldenDataDirFacts(name) as GoldenFacts;
const settingsOf: Readonly<Record<string, Partial<ServerSettings>>> = {
  'no-snapshot-trusted': { trustEmptySnapshot: true },
};

/** What 3.9.3 does where 3.8.0 refuses. */
const STARTS_SINCE = ['log-empty-tail'];
const REFUSALS: Readonly<Record<string, RegExp>> = {
  'bad-crc': /log\.1 cannot be trusted: a record has a wrong checksum.*at byte \d+.*truncate -s/s,
  'no-snapshot': /No snapshot found, but there are log entries.*log\.1.*snapshot\.trust\.empty/s,
};

const starting = goldenDataDirs().filter((name) => factsOf(name).apacheStarts !== false);
const refused = goldenDataDirs().filter((name) => factsOf(name).apacheStarts === false);

function unsigned(value: bigint): string {
  return `0x${BigInt.asUintN(64, value).toString(16)}`;
}

/** The whole tree as the descriptions of the directories tell it. */
function described(tree: Tree): readonly GoldenNode[] {
  const nodes: GoldenNode[] = [];
  const rows = [ROOT_ROW];
  for (let row = rows.pop(); row !== undefined; row = rows.pop()) {
    tree.forEachChild(row, (child) => rows.push(child));
    nodes.push(describedNode(tree, row));
  }
  return nodes.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function describedNode(tree: Tree, row: number): GoldenNode {
  const data = tree.dataOf(row);
  const view = tree.viewOf(row);
  const place = view.byteOffset + tree.offsetOf(row);
  const stat = decodeStat(JuteReader.over(new Uint8Array(view.buffer, place, STAT_BYTES)));
  if (stat === null) throw new Error('a record begins with a Stat');
  return {
    path: tree.pathOf(row),
    data: data && Buffer.from(data).toString('base64'),
    stat: {
      ...stat,
      czxid: unsigned(stat.czxid),
      mzxid: unsigned(stat.mzxid),
      pzxid: unsigned(stat.pzxid),
      ephemeralOwner: unsigned(stat.ephemeralOwner),
      ctime: Number(stat.ctime),
      mtime: Number(stat.mtime),
    },
    acl: tree.aclOf(row).entries.map(({ permissions: perms, ...id }) => ({ perms, ...id })),
  };
}

function lastZxidIn({ lastZxid = '0x0', lastZxidInArchive }: GoldenFacts): bigint {
  return BigInt(lastZxid) - (lastZxidInArchive === undefined ? 0n : 1n);
}

function sessionsOf({ sessions }: Database): ReadonlyMap<string, number> {
  return new Map([...sessions.all()].map(({ text, timeoutMs }) => [text, timeoutMs]));
}

/** The configuration node's times are the local server's. */
function comparable(nodes: readonly GoldenNode[]): readonly unknown[] {
  return nodes
    .filter(({ path }) => path !== '/zookeeper/config')
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

describe.each(starting)('the directory %s', (name) => {
  const facts = factsOf(name);

  test('gives its tree, its sessions and its last transaction', async () => {
    const directory = await directoryOf(goldenDataDirFiles(name));
    const opened = await openStore(directory, settingsOf[name]);
    const { database } = opened;
    expect(comparable(described(database.tree))).toEqual(comparable(facts.tree ?? []));
    expect(database.lastZxid).toBe(lastZxidIn(facts));
    expect(database.digestMismatches).toBe(0);
    if (facts.treeDigestAfterReplay !== undefined) {
      expect(unsigned(database.tree.digest.toBigInt())).toBe(facts.treeDigestAfterReplay);
    }
    for (const { sessionId, timeout } of facts.sessionsOpenAtKill ?? []) {
      expect(sessionsOf(database).get(sessionId)).toBe(timeout);
    }
    await dispose(opened, directory);
  });

  test('is told of where it is not whole, and otherwise in silence', async () => {
    const directory = await directoryOf(goldenDataDirFiles(name));
    const opened = await openStore(directory, settingsOf[name]);
    const { notices } = opened.answers;
    if (name.startsWith('snapshot-newest')) {
      expect(notices).toEqual([expect.stringMatching(/snapshot\.79 cannot be used/)]);
    } else if (name.startsWith('quorum-member')) {
      expect(notices).toEqual([expect.stringMatching(/info: .*ensemble \(epoch 3\)/)]);
    } else expect(notices).toEqual([]);
    await dispose(opened, directory);
  });
});

test('an empty newest log is removed, as since 3.9.3', async () => {
  for (const name of STARTS_SINCE) {
    const directory = await directoryOf(goldenDataDirFiles(name));
    const opened = await openStore(directory);
    expect(opened.database.lastZxid).toBe(0x38n);
    expect(await readdir(join(directory, 'version-2'))).toEqual(['log.1', 'snapshot.0']);
    expect(opened.answers.notices).toEqual([expect.stringMatching(/log\.ffff was empty/)]);
    await dispose(opened, directory);
  }
});

test.each(refused.filter((name) => !STARTS_SINCE.includes(name)))(
  'the directory %s is refused in a sentence',
  async (name) => {
    const directory = await directoryOf(goldenDataDirFiles(name));
    const refusal = await refusalOf(directory);
    expect(refusal.message).toMatch(REFUSALS[name] ?? /missing/);
    expect(refusal.message).toContain(directory);
    await rm(directory, { recursive: true });
  },
);
