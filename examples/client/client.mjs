// A program that uses ZooKeeper, with a server of its own to do so: nodes, a conditional write, several
// writes at once, and somebody who watches.
//
//     npm run build
//     node examples/client/client.mjs
import { codecs, connect, isZooKeeperError, observe, op } from '@zabra/client';
import { startServer } from '@zabra/server';

/** Follows a value until it is gone. */
async function follow(zk, path) {
  for await (const node of observe(zk, path, codecs.json())) {
    if (node === null) return;
    console.log(`price: ${node.data.euro} (version ${node.stat.version})`);
  }
}

const server = await startServer();
const zk = await connect({ servers: `${server.connectString}/shop`, ensureChroot: true });
try {
  const prices = zk.typed(codecs.json());
  await prices.create('/price', { euro: 1 });
  const followed = follow(zk, '/price');

  // Whoever read an old version does not overwrite a new one.
  const { stat } = await prices.get('/price');
  await prices.set('/price', { euro: 2 }, { version: stat.version });
  try {
    await prices.set('/price', { euro: 3 }, { version: stat.version });
  } catch (error) {
    if (!isZooKeeperError(error, 'BadVersion')) throw error;
    console.log(error.message);
  }

  // Both or neither.
  const [order] = await zk.multi([
    op.create('/order-', 'one apple', { sequential: true }),
    op.delete('/price'),
  ]);
  console.log(`ordered: ${order.name}`);
  await followed;
} finally {
  await zk.close();
  await server.close();
}
