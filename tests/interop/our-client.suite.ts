/** Our own client on servers of every kind that it may meet. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  codecs,
  connect,
  MultiError,
  type NoNodeError,
  observe,
  op,
  retries,
  type ZooKeeper,
} from '@zabra/client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type Product,
  type ServerProcess,
  startServer,
  temporaryDirectory,
} from '../support/server.ts';

const products: readonly Product[] = ['zabra', 'apache38', 'apache39'];

// Whoever is waited for is waited for long: a server may take its time to start again.
const settings = { tickTime: 200, maxSessionTimeout: 120_000, extendedTypesEnabled: true };
const properties = { 'zookeeper.extendedTypesEnabled': true };

describe.each(products)('on a server of %s', (product) => {
  let directory: string;
  let server: ServerProcess;
  const open: ZooKeeper[] = [];

  beforeAll(async () => {
    directory = await temporaryDirectory('our-client');
    server = await startServer({ product, directory, settings, properties });
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((zk) => zk.close({ timeout: 2000 })));
  });

  afterAll(() => server.stop());

  async function client(options: object = {}): Promise<ZooKeeper> {
    const servers = `127.0.0.1:${server.port}`;
    const zk = await connect({ servers, sessionTimeout: 4000, reconnectJitter: 10, ...options });
    open.push(zk);
    return zk;
  }

  it('nodes are created in every way, read, set and deleted', async () => {
    const zk = await client({ chroot: '/every-way', ensureChroot: true });
    const made = await zk.create('/a/b/n-', 'x', { sequential: true, parents: 'container' });
    expect(made).toMatchObject({ path: '/a/b/n-0000000000', sequence: 0, stat: { version: 0 } });
    await zk.create('/e', '', { mode: 'ephemeral' });
    await zk.create('/t', '', { ttl: 60_000 });
    const marked = await zk.create('/l-', '', { protect: true, sequential: true });
    expect(marked.name).toMatch(/^_c_.*-l-0000000003$/);
    expect((await zk.get('/a/b/n-0000000000', { sync: true })).data.toString()).toBe('x');
    expect(await zk.set('/t', 'y', { version: 0 })).toMatchObject({ version: 1, dataLength: 1 });
    expect([...(await zk.children('/')).names].sort()).toEqual([marked.name, 'a', 'e', 't'].sort());
    expect(await zk.childCount('/')).toBe(6);
    expect(await zk.ephemerals()).toEqual(['/e']);
    expect(await zk.exists('/none')).toBeNull();
    const missing = (await zk.get('/none').catch((error) => error)) as NoNodeError;
    expect(missing).toMatchObject({ code: 'NoNode', path: '/none' });
    expect(await zk.delete('/a', { recursive: true })).toBe(true);
    expect(await zk.whoAmI()).toContainEqual({ scheme: 'ip', id: '127.0.0.1' });
    expect((await zk.getAcl('/t')).acl).toEqual([
      { perms: 31, id: { scheme: 'world', id: 'anyone' } },
    ]);
  });

  it('several writes happen together, and several reads', async () => {
    const zk = await client({ chroot: '/together', ensureChroot: true });
    const [made, set] = await zk.multi([
      op.create('/a', '1'),
      op.set('/a', '2', { version: 0 }),
      op.create('/c', '', { mode: 'container' }),
      op.check('/a', 1),
    ]);
    expect([made.path, set.version]).toEqual(['/a', 1]);
    const error = await zk.multi([op.delete('/a'), op.delete('/none')]).catch((caught) => caught);
    expect(error).toBeInstanceOf(MultiError);
    expect(error).toMatchObject({ code: 'NoNode', index: 1, path: '/none' });
    const [node, names, none] = await zk.readMany([op.get('/a'), op.children('/'), op.get('/no')]);
    expect(node).toMatchObject({ ok: true, value: { data: Buffer.from('2') } });
    expect(names.ok && [...names.value].sort()).toEqual(['a', 'c']);
    expect(none).toMatchObject({ ok: false, error: { code: 'NoNode' } });
  });

  it('watches stay, and are removed', async () => {
    const zk = await client({ chroot: '/watched', ensureChroot: true });
    const told: string[] = [];
    const once = zk.get('/', { watch: (event) => void told.push(event.type) });
    const all = zk.watch('/', { recursive: true });
    await Promise.all([once, all.armed]);
    await zk.create('/a', '1');
    await zk.set('/a', '2');
    await zk.set('/', 'x');
    await zk.delete('/a');
    const events: string[] = [];
    for await (const event of all) {
      events.push(event.type === 'resync' ? 'resync' : `${event.type} ${event.path}`);
      if (events.length === 4) break;
    }
    expect(events).toEqual(['created /a', 'changed /a', 'changed /', 'deleted /a']);
    expect(told).toEqual(['changed']);
    await zk.sync();
    expect(zk.stats.watches).toBe(0);
  });

  it('a server that is started again finds its clients again, and they their watches', async () => {
    const zk = await client({ chroot: '/again', ensureChroot: true, sessionTimeout: 120_000 });
    const { id } = zk.session!;
    await zk.create('/e', '1', { mode: 'ephemeral' });
    const values = observe(zk, '/e', codecs.utf8);
    expect((await values.next()).value?.data).toBe('1');
    await server.kill();
    server = await startServer({ product, directory, port: server.port, settings, properties });
    await zk.ready();
    expect(zk.session!.id).toBe(id);
    await zk.with({ retry: retries.backoff() }).set('/e', '2');
    expect((await values.next()).value?.data).toBe('2');
    await values.return();
  });

  it('a session is handed on, and another one follows it', async () => {
    const zk = await client();
    const { id } = zk.session!;
    const heir = await client({ session: zk.session! });
    expect(heir.session!.id).toBe(id);
    const lost = new Promise((resolve) => zk.on('lost', resolve));
    await heir.close();
    expect(await lost).toMatchObject({ by: 'server', sessionId: id });
    await zk.ready();
    expect(zk.session!.id).not.toBe(id);
  });
});

describe.each(['apache38', 'apache39'] as const)('who proves to %s who it is', (product) => {
  it('by DIGEST-MD5 is known to it, and who cannot is not let in', async () => {
    const directory = await temporaryDirectory('our-client-sasl');
    const file = join(directory, 'jaas.conf');
    await writeFile(
      file,
      `Server {
         org.apache.zookeeper.server.auth.DigestLoginModule required user_ann="secret";
       };`,
    );
    const server = await startServer({
      product,
      directory,
      settings,
      properties: {
        'java.security.auth.login.config': file,
        'zookeeper.authProvider.1': 'org.apache.zookeeper.server.auth.SASLAuthenticationProvider',
      },
    });
    const servers = `127.0.0.1:${server.port}`;
    const zk = await connect({ servers, sasl: { username: 'ann', password: 'secret' } });
    expect(await zk.whoAmI()).toContainEqual({ scheme: 'sasl', id: 'ann' });
    await zk.close();
    const refused = await connect({ servers, sasl: { username: 'ann', password: 'wrong' } });
    expect(await refused.closed).toMatchObject({ type: 'auth-failed' });
    await server.stop();
  });
});
