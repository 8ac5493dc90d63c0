/** The C client, by way of the shell that comes with it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CShell, startCShell } from '../support/peers-c.ts';
import { type FaultyLink, startProxy } from '../support/peers-proxy.ts';
import { INSTALL_TIMEOUT_MS } from '../support/peers-report.ts';
import { type ServerUnderTest, serverKind, startServerUnderTest } from '../support/peers-server.ts';

describe(`C client 3.8.0 (cli_mt) against ${serverKind}`, () => {
  let server: ServerUnderTest;
  let proxy: FaultyLink;
  let one: CShell;
  let two: CShell;

  beforeAll(async () => {
    server = await startServerUnderTest();
    proxy = await startProxy(server.port);
    one = await startCShell(server.port);
    two = await startCShell(server.port);
  }, INSTALL_TIMEOUT_MS);

  afterAll(async () => {
    await Promise.all([one?.quit(), two?.quit()]);
    await proxy?.close();
    await server?.stop();
  });

  const sessionOf = async (shell: CShell): Promise<string | undefined> =>
    /session Id = (\w+)/.exec(await shell.type('myid', /session Id = .*\n/))?.[1];

  const answered = (path: string, code: number): RegExp =>
    new RegExp(`^\\[?${path}\\]?: rc = ${code}\\b`, 'm');

  test('connects and has a session', async () => {
    await one.wait(/SESSION_EVENT state = CONNECTED_STATE/);
    await one.wait(/Got a new session id: 0x[0-9a-f]+/);
  });

  test('create: persistent, and with the same name again', async () => {
    await one.type('create /c', answered('/c', 0));
    await one.type('create /c', answered('/c', -110));
  });

  test('create: ephemeral, sequential, container, TTL', async () => {
    await one.type('create +e /c/e', answered('/c/e', 0));
    expect(await one.type('create +s /c/s-', answered('/c/s-', 0))).toContain(
      'name = /c/s-0000000001',
    );
    await one.type('create +c /c/container', answered('/c/container', 0));
    await one.type('create +t=300 /c/ttl', answered('/c/ttl', 0));
  });

  test('create2: answers with the stat', async () => {
    const text = await one.type('create2 +e /c/e2', /ephemeralOwner = \w+\n/);
    expect(text).toMatch(/version=0\s+aversion=0/);
    expect(text).toContain(`ephemeralOwner = ${await sessionOf(one)}\n`);
  });

  test('create: below an ephemeral, below nothing', async () => {
    await one.type('create /c/e/k', answered('/c/e/k', -108));
    await one.type('create /none/k', answered('/none/k', -101));
  });

  test('set and get', async () => {
    expect(await one.type('set /c hello world', answered('/c', 0))).toMatch(/\tversion=1/);
    const text = await two.type('get /c', /ephemeralOwner = /);
    expect(text).toContain('value_len = 11\nhello world');
    await two.type('get /none', answered('/none', -101));
  });

  test('the watch of that get fires', async () => {
    await one.type('set /c changed', answered('/c', 0));
    await two.wait(/Watcher CHANGED_EVENT state = CONNECTED_STATE\s+for path \/c/);
  });

  test('ls and ls2', async () => {
    const names = ['container', 'e', 'e2', 's-0000000001'];
    for (const command of ['ls', 'ls2']) {
      const text = await two.type(`${command} /c`, answered('/c', 0));
      for (const name of names) expect(text).toContain(`\t${name}\n`);
    }
  });

  test('the watch of that ls fires', async () => {
    await one.type('create /c/new', answered('/c/new', 0));
    await two.wait(/Watcher CHILD_EVENT state = CONNECTED_STATE\s+for path \/c/);
  });

  test('exists, and a watch on a missing node', async () => {
    await two.type('exists /c/missing', /Error -101 for \/c\/missing/);
    await two.type('wexists /c/later', /Error -101 for \/c\/later/);
    await one.type('create /c/later', answered('/c/later', 0));
    await two.wait(/Watcher CREATED_EVENT state = CONNECTED_STATE\s+for path \/c\/later/);
  });

  test('delete: done, not there, not empty', async () => {
    await one.type('delete /c/later', answered('/c/later', 0));
    await one.type('delete /c/later', answered('/c/later', -101));
    await one.type('delete /c', answered('/c', -111));
  });

  test('sync, and the configuration of a server alone', async () => {
    await one.type('sync /c', answered('/c', 0));
    await one.type('config', answered('/zookeeper/config', 0));
  });

  test('addauth: the super user may what others may not', async () => {
    await two.type('set /zookeeper/config x', answered('/zookeeper/config', -102));
    await two.type('addauth digest super:secret\nset /zookeeper/config x', /rc = 0/);
  });

  test('addauth: an unknown scheme ends the client', async () => {
    const stranger = await startCShell(server.port);
    await stranger.wait(/Got a new session id/);
    await stranger.type('addauth nonsense x', /SESSION_EVENT state = AUTH_FAILED_STATE/);
    await stranger.quit();
  });

  test('reconfig is refused where it is not enabled', async () => {
    const members = 'server.5=127.0.0.1:1:2:participant;127.0.0.1:3';
    await one.type(`reconfig -add ${members}`, /rc = -123/);
  });

  test('asynchronous requests', async () => {
    await one.type('acreate /c/async', answered('/c/async', 0));
    await one.type('aget /c/async', answered('/c/async', 0));
    await one.type('adelete /c/async', answered('/c/async', 0));
  });

  test('the TTL node is gone by now', async () => {
    await expect
      .poll(() => two.type('get /c/ttl', /rc = -?\d+/), { timeout: 10_000 })
      .toMatch(answered('/c/ttl', -101));
  });

  test('reconnect: same session, and the watch tells what happened meanwhile', async () => {
    const shaky = await startCShell(proxy.port);
    await shaky.wait(/Got a new session id/);
    await shaky.type('create +e /c/shaky', answered('/c/shaky', 0));
    const before = await sessionOf(shaky);
    await shaky.type('get /c/shaky', answered('/c/shaky', 0));
    proxy.refuse();
    await one.type('set /c/shaky meanwhile', answered('/c/shaky', 0));
    proxy.open();
    await shaky.wait(/Watcher CHANGED_EVENT state = CONNECTED_STATE\s+for path \/c\/shaky/);
    expect(await sessionOf(shaky)).toBe(before);
    expect(await shaky.quit()).toBe(0);
    await one.type('get /c/shaky', answered('/c/shaky', -101));
  });

  test('restart of the server: session, ephemeral and data stay', async () => {
    const before = await sessionOf(one);
    await server.restart();
    await one.wait(/SESSION_EVENT state = CONNECTED_STATE/);
    expect(await one.type('get /c', answered('/c', 0))).toContain('changed');
    await one.type('get /c/e', answered('/c/e', 0));
    expect(await sessionOf(one)).toBe(before);
  });
});
