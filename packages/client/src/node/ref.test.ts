import { expect, it } from 'vitest';
import { FakeServer } from '../testing/fake-server.ts';
import { TestClients } from '../testing/test-clients.ts';

/** Connections that keep this process alive. Nobody else in this file has any. */
function sockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
}

it('a client keeps the process alive, unless it is not to', async () => {
  const clients = new TestClients();
  const fake = await FakeServer.start();
  await clients.connect(fake.connectString);
  // One end of each connection is the server's.
  expect(sockets()).toBe(2);
  await clients.connect(fake.connectString, { ref: false });
  expect(sockets()).toBe(3);
  await clients.close();
  await fake.close();
});
