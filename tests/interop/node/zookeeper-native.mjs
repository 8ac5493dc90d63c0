/** zookeeper, the binding of the C client: its operations, watches and sessions. */
import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { ask, check, eventually, foreign, port, proxyPort } from './checks.mjs';

const ZooKeeper = foreign('zookeeper');
const constants = foreign('zookeeper/lib/constants');

function connect(atPort = port, timeout = 10_000) {
  const client = new ZooKeeper({
    connect: `127.0.0.1:${atPort}`,
    timeout,
    debug_level: constants.ZOO_LOG_LEVEL_ERROR,
    host_order_deterministic: true,
  });
  return new Promise((done, fail) => {
    client.connect((error) => (error ? fail(error) : done(client)));
  });
}

const fails = (code, promise) => rejects(promise, new RegExp(`^Error: ${code} `));

/** Starts a request with a watch; gives back the list into which its events go. */
async function watched(start) {
  const events = [];
  await start((type, _state, path) => events.push([type, path]));
  return events;
}

const one = await connect();
const two = await connect();

await check('create: all modes', async () => {
  equal(await one.create('/z', 'v', constants.ZOO_PERSISTENT), '/z');
  equal(await one.create('/z/s-', '', constants.ZOO_PERSISTENT_SEQUENTIAL), '/z/s-0000000000');
  equal(await one.create('/z/e', '', constants.ZOO_EPHEMERAL), '/z/e');
  equal(
    await one.create('/z/e-', '', constants.ZOO_EPHEMERAL | constants.ZOO_SEQUENCE),
    '/z/e-0000000002',
  );
  equal(await one.create('/z/t', '', constants.ZOO_PERSISTENT_WITH_TTL, 300), '/z/t');
  await eventually('the TTL node goes', async () => !(await one.pathExists('/z/t', false)));
});

await check('create: a container goes after its last child', async () => {
  await one.create('/z/c', '', constants.ZOO_CONTAINER);
  await one.create('/z/c/k', '', constants.ZOO_PERSISTENT);
  await one.delete_('/z/c/k', -1);
  await eventually('the container goes', async () => !(await one.pathExists('/z/c', false)));
});

await check('errors: the right codes', async () => {
  await fails(constants.ZNODEEXISTS, one.create('/z', '', constants.ZOO_PERSISTENT));
  await fails(constants.ZNONODE, one.create('/none/z', '', constants.ZOO_PERSISTENT));
  await fails(constants.ZNONODE, one.get('/none', false));
  await fails(constants.ZNOTEMPTY, one.delete_('/z', -1));
  await fails(constants.ZBADVERSION, one.set('/z', 'x', 7));
  await fails(
    constants.ZNOCHILDRENFOREPHEMERALS,
    one.create('/z/e/k', '', constants.ZOO_PERSISTENT),
  );
  equal(await one.pathExists('/none', false), false);
});

await check('get, set, and their stat', async () => {
  const stat = await one.set('/z', 'w', 0);
  equal(stat.version, 1);
  const [read, data] = await two.get('/z', false);
  equal(data.toString(), 'w');
  deepEqual([read.version, read.dataLength, read.numChildren], [1, 1, 3]);
});

await check('children, with and without stat', async () => {
  const expected = ['e', 'e-0000000002', 's-0000000000'];
  deepEqual((await one.get_children('/z', false)).sort(), expected);
  const [children, stat] = await one.get_children2('/z', false);
  deepEqual(children.sort(), expected);
  equal(stat.numChildren, 3);
});

await check('watches: get, exists, children', async () => {
  await one.create('/w', '', constants.ZOO_PERSISTENT);
  const data = await watched((onEvent) => one.w_get('/w', onEvent));
  const children = await watched((onEvent) => one.w_get_children('/w', onEvent));
  const made = await watched((onEvent) => one.w_exists('/w/k', onEvent).catch(() => {}));
  await two.create('/w/k', '', constants.ZOO_PERSISTENT);
  await two.set('/w', '1', -1);
  await eventually('three events', () => [data, children, made].every((list) => list.length > 0));
  deepEqual(data, [[constants.ZOO_CHANGED_EVENT, '/w']]);
  deepEqual(children, [[constants.ZOO_CHILD_EVENT, '/w']]);
  deepEqual(made, [[constants.ZOO_CREATED_EVENT, '/w/k']]);
});

await check('ACLs and add_auth', async () => {
  const alice = await connect();
  await new Promise((done, fail) => {
    alice.add_auth('digest', 'alice:secret', (code) => (code === 0 ? done() : fail(code)));
  });
  await alice.create('/acl', 'hers', constants.ZOO_PERSISTENT);
  const mine = { scheme: 'digest', auth: 'alice:aYXlLOpEooaV1cRAvUL1fp9Qt7E=', perms: 31 };
  await alice.set_acl('/acl', 0, [mine]);
  await fails(constants.ZNOAUTH, one.get('/acl', false));
  equal((await alice.get('/acl', false))[1].toString(), 'hers');
  const acl = await alice.get_acl('/acl');
  ok(JSON.stringify(acl).includes(mine.auth));
  alice.close();
});

await check('sync, and the configuration of a server alone', async () => {
  await one.sync('/z');
  ok(await one.getconfig(false));
});

await check('two hundred requests at once', async () => {
  await one.create('/many', '', constants.ZOO_PERSISTENT);
  const names = await Promise.all(
    Array.from({ length: 200 }, () =>
      one.create('/many/n', '', constants.ZOO_PERSISTENT_SEQUENTIAL),
    ),
  );
  deepEqual(
    names,
    Array.from({ length: 200 }, (_, i) => `/many/n${String(i).padStart(10, '0')}`),
  );
});

await check('close removes the ephemerals', async () => {
  const leaving = await connect();
  await leaving.create('/leaving', '', constants.ZOO_EPHEMERAL);
  leaving.close();
  await eventually('the ephemeral goes', async () => !(await one.pathExists('/leaving', false)));
});

await check('reconnect: same session, watches and ephemerals stay', async () => {
  const shaky = await connect(proxyPort);
  const session = shaky.client_id;
  await shaky.create('/shaky', 'before', constants.ZOO_EPHEMERAL);
  const data = await watched((onEvent) => shaky.w_get('/shaky', onEvent));
  await ask('refuse');
  await two.set('/shaky', 'meanwhile', -1);
  await ask('open');
  await eventually('the event', () => data.some(([type]) => type === constants.ZOO_CHANGED_EVENT));
  equal(shaky.client_id, session);
  equal((await shaky.get('/shaky', false))[1].toString(), 'meanwhile');
  shaky.close();
});

await check('expiry: a silent session ends, and its ephemerals with it', async () => {
  const shaky = await connect(proxyPort, 1500);
  let closed = false;
  shaky.on('close', () => {
    closed = true;
  });
  await shaky.create('/silent', '', constants.ZOO_EPHEMERAL);
  await ask('refuse');
  await eventually('the ephemeral goes', async () => !(await one.pathExists('/silent', false)));
  await ask('open');
  await eventually('the client knows', () => closed);
});

await check('restart of the server: session and data are there again', async () => {
  const session = one.client_id;
  await ask('restart');
  await eventually('reads work again', () =>
    one.get('/z', false).then(
      ([, data]) => data.toString() === 'w',
      () => false,
    ),
  );
  equal(one.client_id, session);
  ok(await one.pathExists('/z/e', false));
});

one.close();
two.close();
process.exit(0);
