/** Two servers never share a directory, and a server that is gone never keeps another out. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FaultyFiles } from '../testing/faulty-files.ts';
import { openStore, refusalOf, temporaryDirectory } from '../testing/store-world.ts';
import { lockDirectory } from './directory-lock.ts';
import { nodeFiles } from './node-files.ts';

let directory = '';
const children: ChildProcess[] = [];

beforeEach(async () => {
  directory = await temporaryDirectory();
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(directory, { recursive: true });
});

/** A process that does nothing until it is killed. */
async function startProcess(...command: string[]): Promise<ChildProcess & { pid: number }> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  await once(child, 'spawn');
  return child as ChildProcess & { pid: number };
}

const waiting = (): Promise<ChildProcess & { pid: number }> => startProcess('sleep', '1000');

test('a directory held by a running process is refused, by its number and name', async () => {
  const { pid } = await waiting();
  await lockDirectory(nodeFiles, directory, pid);
  const refusal = await refusalOf(directory);
  expect(refusal.message).toContain(`${directory} is in use by process ${pid}, which is running`);
  expect(refusal).toHaveProperty('exitCode', 3);
});

test('a directory whose server was killed is taken over', async () => {
  const child = await waiting();
  await lockDirectory(nodeFiles, directory, child.pid);
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
  const lock = await lockDirectory(nodeFiles, directory);
  expect(await readdir(directory)).toEqual(['zabra.lock']);
  await lock.release();
  expect(await readdir(directory)).toEqual([]);
});

test('a killed process that nobody has noticed yet is gone', async () => {
  // The shell gives way to a program that never asks after its children.
  const parent = await startProcess('sh', '-c', 'sleep 1000 & echo $!; exec sleep 1000');
  const [said] = await once(parent.stdout!, 'data');
  const pid = Number(String(said));
  await lockDirectory(nodeFiles, directory, pid);
  process.kill(pid, 'SIGKILL');
  await expect
    .poll(async () => /\) (\w)/.exec(await readFile(`/proc/${pid}/stat`, 'utf8'))?.[1])
    .toBe('Z');
  const lock = await lockDirectory(nodeFiles, directory);
  await lock.release();
});

test('another process under the same number is not the holder', async () => {
  const { pid } = await waiting();
  await lockDirectory(nodeFiles, directory, pid);
  const path = join(directory, 'zabra.lock');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace(/started=\d+/, 'started=1'));
  const lock = await lockDirectory(nodeFiles, directory);
  await lock.release();
  await writeFile(path, text.replace(/boot=\S+/, 'boot=another'));
  await lockDirectory(nodeFiles, directory);
});

test('two servers of one process keep off each other', async () => {
  const first = await openStore(directory);
  const refusal = await refusalOf(directory);
  expect(refusal.message).toContain(`in use by another server in this process (${process.pid})`);
  await first.store.close();
  const second = await openStore(directory);
  await second.store.close();
});

test('a refused server leaves the lock to its holder', async () => {
  const first = await openStore(directory);
  await refusalOf(directory);
  await refusalOf(directory);
  await first.store.close();
});

test('directories for data and logs are both locked', async () => {
  const logs = await temporaryDirectory();
  const first = await openStore(directory, { dataLogDir: logs });
  const other = await temporaryDirectory();
  const refusal = await refusalOf(other, { dataLogDir: logs });
  expect(refusal.message).toContain(`${logs} is in use`);
  expect(await readdir(other)).not.toContain('zabra.lock');
  await first.store.close();
  await rm(logs, { recursive: true });
  await rm(other, { recursive: true });
});

test('of many who find a stale lock, one gets it', async () => {
  await writeFile(join(directory, 'zabra.lock'), 'pid=1\nstarted=1\nboot=gone\nserver=x\n');
  for (let round = 0; round < 20; round += 1) {
    const tries = Array.from({ length: 8 }, () => lockDirectory(nodeFiles, directory));
    const won = (await Promise.allSettled(tries)).filter(({ status }) => status === 'fulfilled');
    expect(won).toHaveLength(1);
    await writeFile(join(directory, 'zabra.lock'), 'half a li');
  }
});

describe('a file system', () => {
  test('without second names will do', async () => {
    const files = new FaultyFiles(nodeFiles);
    files.fail({ call: 'link', errno: 'EPERM', times: 100 });
    const lock = await lockDirectory(files, directory);
    await expect(lockDirectory(files, directory)).rejects.toThrow('in use');
    await lock.release();
    expect(await readdir(directory)).toEqual([]);
  });

  test('that may not be written to is refused in a sentence', async () => {
    const files = new FaultyFiles(nodeFiles);
    files.fail({ call: 'createText', errno: 'EROFS' });
    const refusal = await refusalOf(directory, {}, files);
    expect(refusal.message).toMatch(
      /The data directory .* cannot be locked: read-only file system \(EROFS\)\.\n {2}Check why/,
    );
  });
});
