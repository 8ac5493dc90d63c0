/** What a start makes of directories that are not as a server leaves them. */
import { access, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { FaultyFiles } from '../testing/faulty-files.ts';
import {
  directoryOf,
  dispose,
  joined,
  logOf,
  openStore,
  recordOf,
  refusalOf,
  snapshotOf,
  temporaryDirectory,
} from '../testing/store-world.ts';
import { nodeFiles } from './node-files.ts';

const fresh = snapshotOf([]);
const EPOCH = 1n << 32n;

/** The last transaction of a directory with these files, and what was said about it. */
async function start(
  contents: Readonly<Record<string, Uint8Array>>,
  settings: Parameters<typeof openStore>[1] = {},
): Promise<{ lastZxid: bigint; notices: readonly string[]; names: readonly string[] }> {
  const directory = await directoryOf(contents);
  const opened = await openStore(directory, settings);
  const names = (await readdir(join(directory, 'version-2'))).toSorted();
  await dispose(opened, directory);
  return { lastZxid: opened.database.lastZxid, notices: opened.answers.notices, names };
}

async function refused(
  contents: Readonly<Record<string, Uint8Array>>,
  settings: Parameters<typeof openStore>[1] = {},
): Promise<string> {
  const directory = await directoryOf(contents);
  const { message } = await refusalOf(directory, settings);
  await rm(directory, { recursive: true });
  return message;
}

describe('what is about to be served', () => {
  const contents = {
    'version-2/snapshot.0': fresh,
    'version-2/log.1': logOf([1n, 2n]),
    'version-2/log.3': logOf([3n]),
  };

  test('is on the disk first: a server that was killed may have left it in memory alone', async () => {
    const directory = await directoryOf(contents);
    const files = new FaultyFiles(nodeFiles);
    const opened = await openStore(directory, {}, files);
    const calls = files.calls.filter((call) => /^sync/.test(call));
    expect(calls).toEqual(
      expect.arrayContaining(['sync log.1', 'sync log.3', 'syncDirectory version-2']),
    );
    await dispose(opened, directory);
  });

  test('is not served when it cannot be brought there', async () => {
    const directory = await directoryOf(contents);
    const files = new FaultyFiles(nodeFiles);
    files.fail({ call: 'sync', name: /^log/, skip: 1, errno: 'EIO' });
    const { message } = await refusalOf(directory, {}, files);
    expect(message).toMatch(/log\.3 cannot be trusted: it cannot be synced: input\/output error/);
    await rm(directory, { recursive: true });
  });
});

describe('the choice of logs', () => {
  test('only what is above the snapshot is applied, from the log it may begin in', async () => {
    const started = await start({
      'version-2/snapshot.3': snapshotOf([1n, 2n, 3n]),
      'version-2/log.1': Uint8Array.of(1, 2, 3),
      'version-2/log.2': logOf([2n, 3n, 4n]),
      'version-2/log.5': logOf([5n]),
    });
    expect(started).toMatchObject({ lastZxid: 5n, notices: [] });
  });

  test('names are numbers, not texts', async () => {
    const zxids = Array.from({ length: 16 }, (_, i) => BigInt(i) + 1n);
    const started = await start({
      'version-2/snapshot.0': fresh,
      'version-2/log.10': logOf([16n]),
      'version-2/log.9': logOf(zxids.slice(8, 15)),
      'version-2/log.1': logOf(zxids.slice(0, 8)),
    });
    expect(started).toMatchObject({ lastZxid: 16n, notices: [] });
  });

  test('half a record leads on to the next log, which begins with the same zxid', async () => {
    const started = await start({
      'version-2/snapshot.0': fresh,
      'version-2/log.1': logOf([1n], recordOf(2n).subarray(0, 40)),
      'version-2/log.2': logOf([2n, 3n]),
    });
    expect(started).toMatchObject({ lastZxid: 3n, notices: [] });
  });

  test('missing transactions are told of, inside an epoch and at its beginning', async () => {
    const started = await start({
      'version-2/snapshot.0': fresh,
      'version-2/log.1': logOf([1n, 4n, EPOCH + 1n, EPOCH + 2n, EPOCH + 9n, 2n * EPOCH + 2n]),
    });
    expect(started.lastZxid).toBe(2n * EPOCH + 2n);
    expect(started.notices).toEqual([
      expect.stringMatching(
        /missing .*between 0x1 and 0x4, between 0x100000002 and 0x100000009, between 0x100000009 and 0x200000002\./,
      ),
    ]);
  });
});

describe('the end of a log', () => {
  test('a newest log that was cut anywhere gives every record before the cut', async () => {
    const log = logOf([1n, 2n, 3n]);
    const ends = [1n, 2n, 3n].map((zxid) => logOf([1n, 2n, 3n].slice(0, Number(zxid))).length);
    const directory = await directoryOf({ 'version-2/snapshot.0': fresh });
    const path = join(directory, 'version-2/log.1');
    for (let end = 0; end <= log.length; end += 1) {
      await writeFile(path, log.subarray(0, end));
      const opened = await openStore(directory);
      expect(opened.database.lastZxid).toBe(BigInt(ends.filter((whole) => whole <= end).length));
      await opened.store.close();
    }
    await rm(directory, { recursive: true });
  });

  test('a sound record behind a damaged one is refused, with the place to cut', async () => {
    const log = logOf([1n, 2n, 3n]);
    const second = logOf([1n]).length;
    const message = await refused({
      'version-2/snapshot.0': fresh,
      'version-2/log.1': joined(
        log.subarray(0, second),
        new Uint8Array(40),
        log.subarray(second + 40),
        new Uint8Array(5000),
      ),
    });
    expect(message).toContain(`log.1 cannot be trusted: the record at byte ${second} is damaged`);
    expect(message).toMatch(/a sound one follows at byte \d+\.\n.*truncate -s <byte> '.*log\.1'/);
  });

  test('a log that says nothing is no log, if it is the newest (B-25)', async () => {
    const unwritten = [new Uint8Array(0), new Uint8Array(9), new Uint8Array(3_000_000)];
    for (const log of [...unwritten, logOf([]).subarray(0, 15)]) {
      const started = await start({
        'version-2/snapshot.0': fresh,
        'version-2/log.1': logOf([1n]),
        'version-2/log.2': log,
      });
      expect(started.lastZxid).toBe(1n);
      expect(started.names).toEqual(['log.1', 'snapshot.0']);
    }
  });

  test('a log with a foreign beginning is refused', async () => {
    const message = await refused({
      'version-2/snapshot.0': fresh,
      'version-2/log.1': logOf([1n]).fill(7, 0, 4),
    });
    expect(message).toContain('it does not start as a transaction log does');
  });

  test('a log that cannot be read is refused with the reason', async () => {
    const directory = await directoryOf({
      'version-2/snapshot.0': fresh,
      'version-2/log.1': logOf([1n]),
    });
    const files = new FaultyFiles(nodeFiles);
    files.fail({ call: 'read', name: /log\.1/, errno: 'EIO', times: 10 });
    const { message } = await refusalOf(directory, {}, files);
    expect(message).toContain('log.1 cannot be trusted: it cannot be read: input/output error');
    await rm(directory, { recursive: true });
  });
});

describe('a damaged snapshot', () => {
  const older = { 'version-2/snapshot.0': fresh, 'version-2/log.1': logOf([1n, 2n, 3n]) };

  test.each(['plain', 'gz'])('is passed over where the logs reach as far (%s)', async (form) => {
    const snapshot = snapshotOf([1n, 2n, 3n]);
    const stored = form === 'gz' ? Uint8Array.from(gzipSync(snapshot)) : snapshot;
    const suffix = form === 'gz' ? '.gz' : '';
    for (let at = 0; at < stored.length; at += 7) {
      const damaged = stored.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      const started = await start({ ...older, [`version-2/snapshot.3${suffix}`]: damaged });
      expect(started.lastZxid).toBe(3n);
    }
  });

  test('is refused where the logs do not reach as far', async () => {
    const message = await refused({
      ...older,
      'version-2/snapshot.4': snapshotOf([1n, 2n, 3n, 4n]).subarray(0, 500),
    });
    expect(message).toMatch(
      /snapshot\.4 cannot be used: its end is missing.* after 0x3 are missing/,
    );
  });

  test('is refused where the logs have a gap before it, and only then', async () => {
    const damaged = snapshotOf([1n, 2n, 3n]).fill(9, 100, 110);
    const contents = (zxids: readonly bigint[]) => ({
      'version-2/snapshot.0': fresh,
      'version-2/snapshot.3': damaged,
      'version-2/log.1': logOf(zxids),
    });
    expect(await refused(contents([1n, 3n]))).toContain('transactions after 0x1 are missing');
    expect((await start(contents([1n, 2n, 3n, 7n]))).lastZxid).toBe(7n);
  });

  test('is refused where the logs behind it begin in the middle of an epoch', async () => {
    const damaged = snapshotOf([1n]).fill(9, 100, 110);
    const contents = (first: bigint) => ({
      'version-2/snapshot.0': fresh,
      [`version-2/snapshot.${(EPOCH + first).toString(16)}`]: damaged,
      [`version-2/log.${(EPOCH + first).toString(16)}`]: logOf([EPOCH + first, EPOCH + first + 1n]),
    });
    expect(await refused(contents(7n))).toContain('transactions after 0x0 are missing');
    expect((await start(contents(1n))).lastZxid).toBe(EPOCH + 2n);
  });

  test('is refused where the logs lead to a later one that is damaged, and past this one', async () => {
    const contents = {
      'version-2/snapshot.0': fresh,
      'version-2/log.1': logOf([1n]),
      'version-2/snapshot.100000000': snapshotOf([1n]).fill(9, 100, 110),
      'version-2/log.100000001': logOf([EPOCH + 1n]),
      'version-2/snapshot.100000001': snapshotOf([1n]).fill(9, 100, 110),
    };
    expect(await refused(contents)).toMatch(
      /snapshot\.100000000 cannot be used.* after 0x1 are missing/,
    );
  });

  test('that cannot even be read is passed over, too', async () => {
    const directory = await directoryOf({
      ...older,
      'version-2/snapshot.2': snapshotOf([1n, 2n]),
    });
    const files = new FaultyFiles(nodeFiles);
    files.fail({ call: 'read', name: /snapshot\.2/, errno: 'EIO', skip: 1 });
    const opened = await openStore(directory, {}, files);
    expect(opened.database.lastZxid).toBe(3n);
    expect(opened.answers.notices[0]).toContain('input/output error (EIO)');
    await dispose(opened, directory);
  });

  test('that is the only one is refused', async () => {
    const damaged = fresh.slice().fill(9, 100, 110);
    expect(await refused({ 'version-2/snapshot.0': damaged })).toMatch(
      /None of the snapshots in .* can be used \(1 tried\); the newest is .*snapshot\.0/,
    );
    const cut = snapshotOf([1n]).subarray(0, 200);
    expect(await refused({ 'version-2/snapshot.1': cut })).toContain('None of the snapshots');
  });
});

describe('no snapshot', () => {
  test('an empty directory is a new server', async () => {
    expect(await start({})).toMatchObject({ lastZxid: 0n, notices: [] });
  });

  test('so is one whose very first snapshot was cut short', async () => {
    const started = await start({ 'version-2/snapshot.0': fresh.subarray(0, 100) });
    expect(started.lastZxid).toBe(0n);
  });

  test('logs alone are refused, unless they are trusted (B-23, B-24)', async () => {
    const contents = { 'version-2/log.1': logOf([1n, 2n]) };
    expect(await refused(contents)).toContain('No snapshot found, but there are log entries');
    expect((await start(contents, { trustEmptySnapshot: true })).lastZxid).toBe(2n);
  });

  test('without autocreate, only the marker lets a new server start, and only once', async () => {
    const directory = await temporaryDirectory();
    const settings = { databaseAutocreate: false };
    expect((await refusalOf(directory, settings)).message).toContain('There is no database in');
    const marker = join(directory, 'initialize');
    await writeFile(marker, '');
    const opened = await openStore(directory, settings);
    await opened.store.close();
    // Nothing was stored yet, so the word still holds.
    const { store, answers } = await openStore(directory, settings);
    store.perform({ kind: 'snapshotBegin', zxid: 0n });
    store.perform({ kind: 'snapshotSlice', ticket: 1, bytes: fresh });
    store.perform({ kind: 'snapshotFinish', ticket: 2 });
    expect(await answers.of(2)).toBeNull();
    await expect(access(marker)).rejects.toThrow();
    await store.close();
    const again = await openStore(directory, settings);
    expect(again.database.lastZxid).toBe(0n);
    await dispose(again, directory);
  });
});

test('a snapshot that was being written when the server died is removed', async () => {
  const started = await start({
    'version-2/snapshot.0': fresh,
    'version-2/snapshot.5.tmp': fresh,
    'version-2/snapshot.6.gz.tmp': new Uint8Array(9),
    'version-2/currentEpoch.tmp': new Uint8Array(1),
  });
  expect(started.names).toEqual(['currentEpoch.tmp', 'snapshot.0']);
});

test('a torn log is left as it is, and a log of the same name takes its place', async () => {
  const directory = await directoryOf({
    'version-2/snapshot.0': fresh,
    'version-2/log.1': logOf([], recordOf(1n).subarray(0, 30)),
  });
  const path = join(directory, 'version-2/log.1');
  const { store, answers } = await openStore(directory);
  const bytes = recordOf(1n);
  store.perform({ kind: 'append', ticket: 1, bytes, firstZxid: 1n, lastZxid: 1n });
  expect(await answers.of(1)).toBeNull();
  await store.close();
  expect((await readFile(path)).subarray(0, logOf([1n]).length)).toEqual(Buffer.from(logOf([1n])));
  await truncate(path, logOf([1n]).length);
  const again = await openStore(directory);
  expect(again.database.lastZxid).toBe(1n);
  await dispose(again, directory);
});
