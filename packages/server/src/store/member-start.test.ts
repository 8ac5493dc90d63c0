/** What a member starts with, told from the directories that it may find. */
import { access, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { goldenDataDirFacts, goldenDataDirFiles } from '../../../../tests/support/data-dirs.ts';
import type { ServerSettings } from '../config/settings.ts';
import { cut, ensembleOfThree, rebuilt } from '../testing/member-orders.ts';
import { append, snapshot } from '../testing/store-orders.ts';
import {
  databaseOf,
  directoryOf,
  dispose,
  logOf,
  type Opened,
  openStore,
  refusalOf,
  snapshotOf,
  temporaryDirectory,
} from '../testing/store-world.ts';
import type { StoredMember } from './store.ts';

const EPOCH = 1n << 32n;
const ensemble = ensembleOfThree();
const text = (words: string): Uint8Array => new TextEncoder().encode(words);

interface Start {
  readonly member: StoredMember;
  readonly lastZxid: bigint;
  readonly notices: readonly string[];
}

async function start(
  directory: string,
  settings: Partial<ServerSettings> = {},
  atWork: (opened: Opened) => Promise<unknown> = async () => {},
): Promise<Start> {
  const opened = await openStore(directory, { ensemble, ...settings });
  const member = await opened.store.readMember();
  await atWork(opened);
  await opened.store.close();
  return { member, lastZxid: opened.database.lastZxid, notices: opened.answers.notices };
}

async function startWith(contents: Readonly<Record<string, Uint8Array>>): Promise<Start> {
  const directory = await directoryOf(contents);
  const started = await start(directory);
  await rm(directory, { recursive: true });
  return started;
}

describe('a directory', () => {
  test('of a server that served alone becomes a member’s', async () => {
    const { member, lastZxid } = await startWith({
      'version-2/snapshot.0': snapshotOf([]),
      'version-2/snapshot.2': snapshotOf([1n, 2n]),
      'version-2/log.1': logOf([1n, 2n, 3n]),
    });
    expect(lastZxid).toBe(3n);
    expect(member).toEqual({
      acceptedEpoch: 0,
      currentEpoch: 0,
      oldestSnapshotZxid: 2n,
      logFromZxid: 0n,
      isUntrusted: false,
    });
  });

  test('whose epochs are none is refused', async () => {
    const directory = await directoryOf({ 'version-2/currentEpoch': text('one') });
    const opened = await openStore(directory, { ensemble });
    await expect(opened.store.readMember()).rejects.toThrow(/does not hold an epoch/);
    await dispose(opened, directory);
  });

  test.each(['quorum-member-1', 'quorum-member-2', 'quorum-member-3'])(
    'of Apache’s goes on as it was (%s)',
    async (name) => {
      const files = goldenDataDirFiles(name);
      const directory = await directoryOf(files);
      const { member, lastZxid } = await start(directory);
      const facts = goldenDataDirFacts(name) as { readonly lastZxid: string };
      const epochIn = (file: string): number =>
        Number(Buffer.from(files.get(`version-2/${file}`)!).toString());
      expect(member.acceptedEpoch).toBe(epochIn('acceptedEpoch'));
      expect(member.currentEpoch).toBe(epochIn('currentEpoch'));
      expect(member.isUntrusted).toBe(false);
      expect(lastZxid).toBeGreaterThanOrEqual(BigInt(facts.lastZxid) - 1n);
      await rm(directory, { recursive: true });
    },
  );

  test('with what a leader that was lost left of a snapshot', async () => {
    const { member } = await startWith({
      'version-2/snapshot.1': snapshotOf([1n]),
      'version-2/acceptedEpoch': text('2'),
      'version-2/currentEpoch': text('1'),
      'version-2/currentEpoch.tmp': text('2'),
      'version-2/log.200000001': logOf([2n * EPOCH + 1n]),
    });
    // Others may have taken over all of it: they are to be preferred.
    expect(member).toMatchObject({ acceptedEpoch: 2, currentEpoch: 1, isUntrusted: false });
  });
});

describe('the log behind the snapshot', () => {
  const nth = (counter: bigint): bigint => EPOCH + counter;
  const run = (from: bigint, to: bigint): Uint8Array =>
    logOf(Array.from({ length: Number(to - from) + 1 }, (_, i) => nth(from + BigInt(i))));

  test.each<[what: string, logs: Readonly<Record<string, Uint8Array>>, logFromZxid: bigint]>([
    ['goes back over its files', { 1: run(1n, 2n), 3: run(3n, 5n) }, nth(0n)],
    ['may begin anywhere', { 2: run(2n, 5n) }, nth(1n)],
    ['ends at a hole between files', { 1: run(1n, 1n), 3: run(3n, 5n) }, nth(2n)],
    ['ends at a hole in a file', { 1: logOf([nth(1n), nth(3n), nth(4n)]) }, nth(2n)],
    ['is not followed where the snapshot was sent', { 1: run(1n, 3n), 5: run(5n, 6n) }, nth(4n)],
  ])('%s', async (_, logs, logFromZxid) => {
    const files = Object.entries(logs).map(([n, log]) => [`version-2/log.10000000${n}`, log]);
    const { member } = await startWith({
      'version-2/log.1': logOf([1n, 2n]),
      'version-2/snapshot.100000004': snapshotOf([1n]),
      ...Object.fromEntries(files),
    });
    expect(member).toMatchObject({ oldestSnapshotZxid: nth(4n), logFromZxid });
  });
});

describe('a history that is not whole', () => {
  test('has no say where transactions are missing', async () => {
    const { member, notices } = await startWith({
      'version-2/snapshot.0': snapshotOf([]),
      'version-2/log.1': logOf([1n, 2n]),
      'version-2/log.5': logOf([5n, 6n]),
    });
    expect(member).toMatchObject({ logFromZxid: 4n, isUntrusted: true });
    expect(notices.join()).toMatch(/missing .* between 0x2 and 0x5/);
  });

  test('a snapshot that was sent cannot be made up for by older logs', async () => {
    const directory = await directoryOf({
      'version-2/snapshot.0': snapshotOf([]),
      'version-2/log.1': logOf([1n, 2n, 3n]),
      [`version-2/snapshot.${EPOCH.toString(16)}`]: snapshotOf([1n, 2n]).fill(9, 100, 110),
      'version-2/log.100000001': logOf([EPOCH + 1n]),
    });
    const { message } = await refusalOf(directory, { ensemble });
    expect(message).toMatch(/snapshot\.100000000 cannot be used.* after 0x3 are missing/);
    await rm(directory, { recursive: true });
  });
});

describe('an empty database that should not be (B-30)', () => {
  const guarded = { databaseAutocreate: false };

  test('has no say, also after its first snapshot, until one has come', async () => {
    const directory = await temporaryDirectory();
    const first = await start(directory, guarded, (opened) => snapshot(opened, 0n));
    expect(first.member.isUntrusted).toBe(true);
    const second = await start(directory, guarded, async (opened) => {
      expect(await cut(opened, EPOCH)).toBeNull();
      await snapshot(opened, EPOCH, databaseOf([1n]));
    });
    expect(second.member.isUntrusted).toBe(true);
    const third = await start(directory, guarded);
    expect(third.member).toMatchObject({ isUntrusted: false, oldestSnapshotZxid: EPOCH });
    expect(await readdir(join(directory, 'version-2'))).not.toContain('zabra.emptied');
    await rm(directory, { recursive: true });
  });

  test('has one by the operator’s word', async () => {
    const directory = await temporaryDirectory();
    expect((await start(directory, guarded)).member.isUntrusted).toBe(true);
    await writeFile(join(directory, 'initialize'), '');
    const { member } = await start(directory, guarded, (opened) => snapshot(opened, 0n));
    expect(member.isUntrusted).toBe(false);
    await expect(access(join(directory, 'initialize'))).rejects.toThrow();
    expect((await start(directory, guarded)).member.isUntrusted).toBe(false);
    await rm(directory, { recursive: true });
  });
});

test('purging tells which snapshot is the oldest from now on', async () => {
  const directory = await temporaryDirectory();
  const opened = await openStore(directory, { ensemble, snapshotsRetained: 3 });
  await snapshot(opened, 0n);
  for (const zxid of [1n, 2n, 3n, 4n]) {
    await append(opened, zxid);
    await snapshot(opened, zxid, databaseOf([1n, 2n, 3n, 4n].slice(0, Number(zxid))));
  }
  const [, again] = await Promise.all([opened.store.purge(), rebuilt(opened)]);
  expect(again.lastZxid).toBe(4n);
  expect(opened.answers.purged).toEqual([2n]);
  await opened.store.purge();
  expect(opened.answers.purged).toEqual([2n]);
  await dispose(opened, directory);
});
