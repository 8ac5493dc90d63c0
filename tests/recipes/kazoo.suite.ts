/** Programs of kazoo and of ours contend for the same locks, leases and leadership. */
import { join } from 'node:path';
import { connect, type ZooKeeper } from '@zabra/client';
import { Election, Mutex, ReadWriteLock, Semaphore } from '@zabra/client/recipes';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { repositoryRoot } from '../support/peers-cache.ts';
import { kazooPeer } from '../support/peers-python.ts';
import { INSTALL_TIMEOUT_MS, type PeerCommand } from '../support/peers-report.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { Contender } from './contender.ts';

const LAYOUT = { layout: 'kazoo', data: 'ours' } as const;
let peer: PeerCommand;
let server: ServerProcess;
let servers: string;
let zk: ZooKeeper;
let kazoo: Contender;

beforeAll(async () => {
  const program = join(repositoryRoot, 'tests/recipes/python/contender.py');
  peer = { ...(await kazooPeer()), args: [program] };
  server = await startServer();
  servers = `127.0.0.1:${server.port}`;
}, INSTALL_TIMEOUT_MS);

beforeEach(async () => {
  zk = await connect({ servers, sessionTimeout: 10_000 });
  kazoo = await Contender.start(peer, servers);
});

afterEach(async () => {
  kazoo.kill();
  await zk.close();
});

afterAll(() => server.stop());

it('a mutex goes to and fro', async () => {
  const path = '/kazoo/lock';
  const mutex = new Mutex(zk, path, LAYOUT);
  const ours = await mutex.acquire();
  expect(await kazoo.ask(`try lock ${path}`)).toBe('busy');
  const theirs = kazoo.ask(`acquire lock ${path}`);
  await expect.poll(async () => (await mutex.contenders()).length).toBe(2);
  await ours.release();
  expect(await theirs).toBe('held');
  expect(await mutex.tryAcquire()).toBeNull();
  const waiting = mutex.acquire();
  await expect.poll(async () => (await mutex.contenders()).length).toBe(2);
  expect(await kazoo.ask(`contenders lock ${path}`)).toBe('kazoo,ours');
  expect(await kazoo.ask(`release lock ${path}`)).toBe('released');
  expect((await waiting).state).toBe('held');
});

it('a mutex of theirs is ours when their program is killed', async () => {
  const path = '/kazoo/killed';
  expect(await kazoo.ask(`acquire lock ${path}`)).toBe('held');
  kazoo.kill();
  expect((await new Mutex(zk, path, LAYOUT).acquire()).state).toBe('held');
});

it('readers are together, and a writer alone', async () => {
  const path = '/kazoo/read-write';
  const { read, write } = new ReadWriteLock(zk, path, LAYOUT);
  const reader = await read.acquire();
  expect(await kazoo.ask(`try read ${path}`)).toBe('held');
  expect(await kazoo.ask(`try write ${path}`)).toBe('busy');
  expect(await write.tryAcquire()).toBeNull();
  await kazoo.ask(`release read ${path}`);
  await reader.release();
  const writer = await write.acquire();
  expect(await kazoo.ask(`try read ${path}`)).toBe('busy');
  const downgraded = await writer.downgrade();
  expect(await kazoo.ask(`try read ${path}`)).toBe('held');
  expect(await kazoo.ask(`try write ${path}`)).toBe('busy');
  await kazoo.ask(`release read ${path}`);
  await downgraded.release();
  expect(await kazoo.ask(`acquire write ${path}`)).toBe('held');
  expect(await read.tryAcquire()).toBeNull();
});

it('a semaphore has so many leases for all', async () => {
  const path = '/kazoo/semaphore';
  const semaphore = new Semaphore(zk, path, 2, LAYOUT);
  const ours = await semaphore.acquire();
  expect(await kazoo.ask(`acquire semaphore ${path}`)).toBe('held');
  expect(await semaphore.tryAcquire()).toBeNull();
  expect(await kazoo.ask(`release semaphore ${path}`)).toBe('released');
  const both = await semaphore.acquire();
  expect(await kazoo.ask(`try semaphore ${path}`)).toBe('busy');
  await ours.release();
  await both.release();
  expect(await kazoo.ask(`try semaphore ${path}`)).toBe('held');
});

it('one leads', async () => {
  const path = '/kazoo/election';
  const election = new Election(zk, path, { id: 'ours', layout: 'kazoo' });
  const leadership = await election.campaign();
  const theirs = kazoo.ask(`lead election ${path}`);
  await expect.poll(() => election.candidates()).toEqual(['ours', 'kazoo']);
  await leadership.resign();
  expect(await theirs).toBe('leads');
  const ours = election.campaign();
  await expect.poll(() => election.candidates()).toEqual(['kazoo', 'ours']);
  expect(await kazoo.ask(`resign election ${path}`)).toBe('resigned');
  expect((await ours).id).toBe('ours');
});
