/** node-zookeeper-client, the client in plain JavaScript: all of its operations. */
import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { ask, check, eventually, foreign, port, proxyPort } from './checks.mjs';

const zookeeper = foreign('node-zookeeper-client');
const { ACL, CreateMode, Exception, Id, Permission, State } = zookeeper;

/** The callbacks of the client as promises; those with several results give a list. */
function promised(client) {
  const several =
    (name) =>
    (...args) =>
      new Promise((done, fail) => {
        client[name](...args, (error, ...results) => (error ? fail(error) : done(results)));
      });
  return {
    client,
    create: promisify(client.create.bind(client)),
    remove: promisify(client.remove.bind(client)),
    removeRecursive: promisify(client.removeRecursive.bind(client)),
    setData: promisify(client.setData.bind(client)),
    exists: promisify(client.exists.bind(client)),
    mkdirp: promisify(client.mkdirp.bind(client)),
    listSubTreeBFS: promisify(client.listSubTreeBFS.bind(client)),
    setACL: promisify(client.setACL.bind(client)),
    getData: several('getData'),
    getChildren: several('getChildren'),
    getACL: several('getACL'),
  };
}

async function connect(hosts = `127.0.0.1:${port}`, options = {}) {
  const client = zookeeper.createClient(hosts, { sessionTimeout: 10_000, ...options });
  client.connect();
  await once(client, 'connected');
  return promised(client);
}

async function close({ client }) {
  const gone = once(client, 'disconnected');
  client.close();
  await gone;
}

const fails = (code, promise) => rejects(promise, (error) => error.getCode() === code);
const number = (bytes) => Number(Buffer.from(bytes).readBigInt64BE());

const one = await connect();
const two = await connect();

await check('create: in all four modes', async () => {
  equal(await one.create('/n', Buffer.from('v')), '/n');
  equal(await one.create('/n/s-', CreateMode.PERSISTENT_SEQUENTIAL), '/n/s-0000000000');
  equal(await one.create('/n/e', CreateMode.EPHEMERAL), '/n/e');
  equal(await one.create('/n/e-', CreateMode.EPHEMERAL_SEQUENTIAL), '/n/e-0000000002');
  const stat = await one.exists('/n/e');
  deepEqual(Buffer.from(stat.ephemeralOwner), one.client.getSessionId());
});

await check('errors: the right codes', async () => {
  await fails(Exception.NODE_EXISTS, one.create('/n'));
  await fails(Exception.NO_NODE, one.create('/none/n'));
  await fails(Exception.NO_NODE, one.getData('/none'));
  await fails(Exception.NOT_EMPTY, one.remove('/n'));
  await fails(Exception.BAD_VERSION, one.setData('/n', Buffer.from(''), 7));
  await fails(Exception.BAD_VERSION, one.remove('/n/e', 7));
  await fails(Exception.NO_CHILDREN_FOR_EPHEMERALS, one.create('/n/e/k'));
  equal(await one.exists('/none'), null);
});

await check('getData, setData, and their stat', async () => {
  const stat = await one.setData('/n', Buffer.from('w'), 0);
  equal(stat.version, 1);
  const [data, read] = await two.getData('/n');
  equal(data.toString(), 'w');
  deepEqual(read, stat);
  ok(number(stat.mzxid) > number(stat.czxid));
});

await check('getChildren, mkdirp, the subtree, recursive remove', async () => {
  const [children, stat] = await one.getChildren('/n');
  deepEqual(children.sort(), ['e', 'e-0000000002', 's-0000000000']);
  equal(stat.numChildren, 3);
  equal(await one.mkdirp('/deep/a/b'), '/deep/a/b');
  deepEqual(await one.listSubTreeBFS('/deep/a'), ['/deep/a', '/deep/a/b']);
  await one.removeRecursive('/deep/a');
  deepEqual((await one.getChildren('/deep'))[0], []);
});

await check('watches: data, exists and children, once each', async () => {
  const events = [];
  const watcher = (event) => events.push(`${event.getName()} ${event.getPath()}`);
  await one.create('/w');
  await one.getData('/w', watcher);
  await one.getChildren('/w', watcher);
  await one.exists('/w/k', watcher);
  await two.create('/w/k');
  await two.setData('/w', Buffer.from('1'));
  await two.setData('/w', Buffer.from('2'));
  await eventually('three events', () => events.length >= 3);
  await one.exists('/w');
  const expected = ['NODE_CHILDREN_CHANGED /w', 'NODE_CREATED /w/k', 'NODE_DATA_CHANGED /w'];
  deepEqual(events.sort(), expected);
});

await check('ACLs and addAuthInfo', async () => {
  const alice = await connect();
  alice.client.addAuthInfo('digest', Buffer.from('alice:secret'));
  await alice.create('/acl', Buffer.from('hers'), ACL.CREATOR_ALL_ACL);
  await fails(Exception.NO_AUTH, one.getData('/acl'));
  const [acls, stat] = await alice.getACL('/acl');
  equal(acls.length, 1);
  equal(acls[0].id.scheme, 'digest');
  equal(acls[0].id.id, 'alice:aYXlLOpEooaV1cRAvUL1fp9Qt7E=');
  equal(stat.aversion, 0);
  const open = new ACL(Permission.READ, Id.ANYONE_ID_UNSAFE);
  equal((await alice.setACL('/acl', [open], 0)).aversion, 1);
  equal((await one.getData('/acl'))[0].toString(), 'hers');
  await fails(Exception.INVALID_ACL, one.create('/x', [new ACL(31, new Id('nonsense', 'x'))]));
  await close(alice);
});

await check('transaction: results, and all or nothing', async () => {
  const commit = (transaction) =>
    new Promise((done) => {
      transaction.commit((error, results) => done({ error, results }));
    });
  const good = await commit(
    one.client
      .transaction()
      .create('/tx', Buffer.from('1'))
      .setData('/tx', Buffer.from('2'))
      .check('/tx', 1)
      .create('/tx/s-', CreateMode.PERSISTENT_SEQUENTIAL)
      .remove('/tx/s-0000000000'),
  );
  ok(!good.error);
  deepEqual(
    good.results.map((result) => result.type),
    [1, 5, 13, 1, 2],
  );
  equal(good.results[3].path, '/tx/s-0000000000');
  const bad = await commit(one.client.transaction().create('/tx/k').check('/none').remove('/tx'));
  equal(bad.error.getCode(), Exception.NO_NODE);
  deepEqual(
    bad.results.map((result) => result.err),
    [0, -101, -2],
  );
  equal(await one.exists('/tx/k'), null);
});

await check('a hundred pipelined requests are answered in order', async () => {
  const order = [];
  await one.create('/pipe');
  const writes = Array.from({ length: 100 }, (_, i) =>
    one.setData('/pipe', Buffer.from(`${i}`)).then((stat) => order.push(stat.version)),
  );
  await Promise.all(writes);
  deepEqual(
    order,
    Array.from({ length: 100 }, (_, i) => i + 1),
  );
});

await check('chroot', async () => {
  await one.mkdirp('/root/here');
  const rooted = await connect(`127.0.0.1:${port}/root/here`);
  equal(await rooted.create('/k'), '/k');
  ok(await one.exists('/root/here/k'));
  deepEqual((await rooted.getChildren('/'))[0], ['k']);
  await close(rooted);
});

await check('close removes the ephemerals', async () => {
  const leaving = await connect();
  await leaving.create('/leaving', CreateMode.EPHEMERAL);
  await close(leaving);
  await eventually('the ephemeral goes', async () => (await one.exists('/leaving')) === null);
});

await check('reconnect: same session, watches and ephemerals stay', async () => {
  const shaky = await connect(`127.0.0.1:${proxyPort}`);
  const session = shaky.client.getSessionId().toString('hex');
  const events = [];
  await shaky.create('/shaky', CreateMode.EPHEMERAL);
  await shaky.getData('/shaky', (event) => events.push(event.getName()));
  const cut = once(shaky.client, 'disconnected');
  await ask('refuse');
  await cut;
  await two.setData('/shaky', Buffer.from('meanwhile'));
  const back = once(shaky.client, 'connected');
  await ask('open');
  await back;
  equal(shaky.client.getSessionId().toString('hex'), session);
  await eventually('the event', () => events.length === 1);
  deepEqual(events, ['NODE_DATA_CHANGED']);
  equal((await shaky.getData('/shaky'))[0].toString(), 'meanwhile');
  await close(shaky);
});

await check('expiry: a silent session is told so', async () => {
  const shaky = await connect(`127.0.0.1:${proxyPort}`, { sessionTimeout: 1500, spinDelay: 100 });
  await shaky.create('/silent', CreateMode.EPHEMERAL);
  const expired = once(shaky.client, 'expired');
  await ask('refuse');
  await eventually('the ephemeral goes', async () => (await one.exists('/silent')) === null);
  await ask('open');
  await expired;
  equal(shaky.client.getState(), State.EXPIRED);
});

await check('restart of the server: session and data are there again', async () => {
  const session = one.client.getSessionId().toString('hex');
  const back = Promise.all([once(one.client, 'connected'), once(two.client, 'connected')]);
  await ask('restart');
  await back;
  equal(one.client.getSessionId().toString('hex'), session);
  equal((await one.getData('/n'))[0].toString(), 'w');
  ok(await two.exists('/n/e'));
});

await close(one);
await close(two);
process.exit(0);
