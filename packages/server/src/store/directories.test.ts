import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FaultyFiles } from '../testing/faulty-files.ts';
import {
  directoryOf,
  dispose,
  logOf,
  openStore,
  refusalOf,
  snapshotOf,
  temporaryDirectory,
} from '../testing/store-world.ts';
import { nodeFiles } from './node-files.ts';

test('missing directories are made, each name safe before the next', async () => {
  const root = await temporaryDirectory();
  const dataDir = join(root, 'a', 'b');
  const files = new FaultyFiles(nodeFiles);
  const opened = await openStore(dataDir, {}, files);
  expect(files.calls.filter((call) => /Directory/.test(call))).toEqual([
    'makeDirectory a',
    `syncDirectory ${root.split('/').at(-1)}`,
    'makeDirectory b',
    'syncDirectory a',
    'makeDirectory version-2',
    'syncDirectory b',
  ]);
  await dispose(opened, root);
});

test('where they must be there already, a missing one is refused', async () => {
  const root = await temporaryDirectory();
  const refusal = await refusalOf(join(root, 'data'), { dataDirAutocreate: false });
  expect(refusal.message).toContain(`Missing data directory ${join(root, 'data', 'version-2')}`);
  expect(refusal).toHaveProperty('exitCode', 3);
  expect(await readdir(root)).toEqual([]);
  await rm(root, { recursive: true });
});

test('a file in the place of a directory is refused', async () => {
  const root = await directoryOf({ data: new Uint8Array(1) });
  const refusal = await refusalOf(join(root, 'data'));
  expect(refusal.message).toMatch(/data\/version-2 cannot be used: .*ENOTDIR/);
  await rm(root, { recursive: true });
});

test('logs among snapshots and snapshots among logs are refused', async () => {
  const logs = await temporaryDirectory();
  const withLog = await directoryOf({ 'version-2/log.1': logOf([1n]) });
  const strayLog = await refusalOf(withLog, { dataLogDir: logs });
  expect(strayLog.message).toMatch(/^Snapshot directory has log files.*version-2\/log\.1/);
  const withSnapshot = await directoryOf({ 'version-2/snapshot.0': snapshotOf([]) });
  const straySnapshot = await refusalOf(logs, { dataLogDir: withSnapshot });
  expect(straySnapshot.message).toMatch(/^Log directory has snapshot files.*snapshot\.0/);
  for (const directory of [logs, withLog, withSnapshot]) await rm(directory, { recursive: true });
});

test('two directories are read and written apart', async () => {
  const logs = await directoryOf({ 'version-2/log.1': logOf([1n, 2n]) });
  const data = await directoryOf({ 'version-2/snapshot.0': snapshotOf([]) });
  const opened = await openStore(data, { dataLogDir: logs });
  expect(opened.database.lastZxid).toBe(2n);
  const { snapshotBytes, logBytes } = opened.store.sizes();
  expect(snapshotBytes).toBe(snapshotOf([]).length);
  expect(logBytes).toBe(logOf([1n, 2n]).length);
  await dispose(opened, logs);
  await rm(data, { recursive: true });
});

test('two names of one directory are one', async () => {
  const root = await temporaryDirectory();
  await mkdir(join(root, 'data', 'version-2'), { recursive: true });
  await writeFile(join(root, 'data', 'version-2', 'log.1'), logOf([1n]));
  await writeFile(join(root, 'data', 'version-2', 'snapshot.0'), snapshotOf([]));
  await symlink(join(root, 'data'), join(root, 'logs'));
  const opened = await openStore(join(root, 'data'), { dataLogDir: join(root, 'logs') });
  expect(opened.database.lastZxid).toBe(1n);
  await dispose(opened, root);
});
