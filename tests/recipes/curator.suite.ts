/** Programs of Curator and of ours contend for the same locks, leases and leadership. */
import { connect, type ZooKeeper } from '@zabra/client';
import { Election, type Held, Mutex, ReadWriteLock, Semaphore } from '@zabra/client/recipes';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { javaPeer } from '../support/peers-java.ts';
import { INSTALL_TIMEOUT_MS, type PeerCommand } from '../support/peers-report.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { Contender } from './contender.ts';

let peer: PeerCommand;
let server: ServerProcess;
let servers: string;
let zk: ZooKeeper;
let curator: Contender;

beforeAll(async () => {
  peer = await javaPeer('CuratorContender');
  server = await startServer();
  servers = `127.0.0.1:${server.port}`;
}, INSTALL_TIMEOUT_MS);

beforeEach(async () => {
  zk = await connect({ servers, sessionTimeout: 10_000 });
  curator = await Contender.start(peer, servers);
});

afterEach(async () => {
  curator.kill();
  await zk.close();
});

afterAll(() => server.stop());

it('a mutex goes to and fro', async () => {
  const path = '/curator/lock';
  const mutex = new Mutex(zk, path);
  const ours = await mutex.acquire();
  expect(await curator.ask(`try lock ${path}`)).toBe('busy');
  const theirs = curator.ask(`acquire lock ${path}`);
  await expect.poll(async () => (await mutex.contenders()).length).toBe(2);
  await ours.release();
  expect(await theirs).toBe('held');
  expect(await mutex.tryAcquire()).toBeNull();
  const waiting = mutex.acquire();
  await expect.poll(async () => (await mutex.contenders()).length).toBe(2);
  expect(await curator.ask(`release lock ${path}`)).toBe('released');
  expect((await waiting).state).toBe('held');
});

it('a mutex of theirs is ours when their program is killed', async () => {
  const path = '/curator/killed';
  expect(await curator.ask(`acquire lock ${path}`)).toBe('held');
  curator.kill();
  expect((await new Mutex(zk, path).acquire()).state).toBe('held');
});

it('a mutex of ours can be asked for by them', async () => {
  const path = '/curator/revoked';
  const onRevoke = (held: Held): void => void held.release();
  const held = await new Mutex(zk, path, { onRevoke }).acquire();
  expect(await curator.ask(`revoke lock ${held.path}`)).toBe('revoked');
  expect(await curator.ask(`acquire lock ${path}`)).toBe('held');
});

it('readers are together, and a writer alone', async () => {
  const path = '/curator/read-write';
  const { read, write } = new ReadWriteLock(zk, path);
  const reader = await read.acquire();
  expect(await curator.ask(`try read ${path}`)).toBe('held');
  expect(await curator.ask(`try write ${path}`)).toBe('busy');
  expect(await write.tryAcquire()).toBeNull();
  expect(await curator.ask(`release read ${path}`)).toBe('released');
  await reader.release();
  const writer = await write.acquire();
  expect(await curator.ask(`try read ${path}`)).toBe('busy');
  const downgraded = await writer.downgrade();
  expect(await curator.ask(`try read ${path}`)).toBe('held');
  expect(await curator.ask(`release read ${path}`)).toBe('released');
  expect(await curator.ask(`try write ${path}`)).toBe('busy');
  await downgraded.release();
  expect(await curator.ask(`acquire write ${path}`)).toBe('held');
  expect(await read.tryAcquire()).toBeNull();
});

it('a semaphore has so many leases for all', async () => {
  const path = '/curator/semaphore';
  const semaphore = new Semaphore(zk, path, 2);
  const ours = await semaphore.acquire();
  expect(await curator.ask(`acquire semaphore ${path}`)).toBe('held');
  expect(await semaphore.tryAcquire()).toBeNull();
  expect(await curator.ask(`release semaphore ${path}`)).toBe('released');
  const both = await semaphore.acquire();
  expect(await curator.ask(`try semaphore ${path}`)).toBe('busy');
  await ours.release();
  await both.release();
  expect(await curator.ask(`try semaphore ${path}`)).toBe('held');
});

it.each(['latch', 'selector'] as const)('one leads, by a %s', async (manner) => {
  const path = `/curator/${manner}`;
  const election = new Election(zk, path, { id: 'ours', layout: `curator-${manner}` });
  const leadership = await election.campaign();
  const theirs = curator.ask(`lead ${manner} ${path}`);
  await expect.poll(() => election.candidates()).toEqual(['ours', 'curator']);
  await leadership.resign();
  expect(await theirs).toBe('leads');
  const ours = election.campaign();
  await expect.poll(() => election.candidates()).toEqual(['curator', 'ours']);
  expect(await curator.ask(`resign ${manner} ${path}`)).toBe('resigned');
  expect((await ours).id).toBe('ours');
});
