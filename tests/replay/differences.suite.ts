/** Where releases and products differ beyond the golden bytes, probed on a running server. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RawClient } from '../support/raw-client.ts';
import { productUnderTest, type ServerProcess, startServer } from '../support/server.ts';
import { differences } from './differences.ts';

let server: ServerProcess;

beforeAll(async () => {
  server = await startServer({
    settings: { extendedTypesEnabled: true },
    properties: { 'znode.container.checkIntervalMs': 200 },
  });
});

afterAll(() => server.stop());

for (const { name, reason, answers, probe } of differences) {
  const expected = answers[productUnderTest()];
  it(`${name} (${reason})`, async (ctx) => {
    if (expected === undefined) ctx.skip(`not asked of ${productUnderTest()}`);
    const opened: RawClient[] = [];
    const open = async (): Promise<RawClient> => {
      const client = await RawClient.connect({ port: server.port, timeoutMs: 40_000 });
      opened.push(client);
      return client;
    };
    expect(await probe(open)).toBe(expected);
    for (const client of opened) client.destroy();
  });
}

it('the server has survived all of that', async () => {
  const client = await RawClient.connect({ port: server.port });
  expect((await client.ping()).error).toBe(0);
  await client.closeSession();
});
