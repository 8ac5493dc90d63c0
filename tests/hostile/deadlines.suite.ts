/**
 * Connections that never come to a point are ended by the server, however busy they look. The
 * limits are Apache's: ten seconds without a handshake, looked at every ten seconds, and the
 * session's own timeout once there is one.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { framed, RawLink } from '../support/raw-link.ts';
import { connectRequest, Op, PING_XID, request } from '../support/raw-requests.ts';
import { type ServerProcess, startServer } from '../support/server.ts';

const WITHOUT_HANDSHAKE_MS = 22_000;
const SHORTEST_SESSION_MS = 4000;
/** Expiry is rounded up to a tick of two seconds, and looked at once a tick. */
const SESSION_END_MS = SHORTEST_SESSION_MS + 5000;
const DRIBBLE_MS = 500;

const handshake = framed(connectRequest({ timeoutMs: SHORTEST_SESSION_MS }));
const longClaim = Buffer.from([0, 0x0f, 0, 0]);
const oneByte = Buffer.from([0]);

let server: ServerProcess;

beforeAll(async () => {
  server = await startServer();
});

afterAll(() => server.stop());

/** Sends a byte now and then until the server ends the connection; says how long that took. */
async function dribbleToEnd(link: RawLink, waitMs: number): Promise<number> {
  const began = Date.now();
  const dribbling = setInterval(() => link.write(oneByte), DRIBBLE_MS);
  try {
    await link.end(waitMs);
  } finally {
    clearInterval(dribbling);
    link.destroy();
  }
  return Date.now() - began;
}

describe.concurrent('a connection that never comes to a point', () => {
  it('says nothing at all', async () => {
    const link = await RawLink.open(server.port);
    await link.end(WITHOUT_HANDSHAKE_MS);
  });

  it('dribbles a handshake', async (ctx) => {
    if (server.product !== 'zabra') ctx.skip('Apache lets every byte count as a sign of life');
    const link = await RawLink.open(server.port);
    link.write(longClaim);
    await dribbleToEnd(link, WITHOUT_HANDSHAKE_MS);
  });

  it('dribbles a four-letter word that never becomes one', async () => {
    const link = await RawLink.open(server.port);
    link.write(Buffer.from('mn'));
    await link.end(WITHOUT_HANDSHAKE_MS);
  });

  it('dribbles a request: only whole ones keep a session alive', async () => {
    const link = await RawLink.open(server.port);
    link.write(Buffer.concat([handshake, longClaim]));
    expect(await link.frame()).not.toBeNull();
    await dribbleToEnd(link, SESSION_END_MS);
  });

  it('closes its half: what it asked before is answered, then the connection ends', async () => {
    const link = await RawLink.open(server.port);
    link.write(Buffer.concat([handshake, framed(request(PING_XID, Op.ping))]));
    expect(await link.frame()).not.toBeNull();
    expect((await link.frame())?.readInt32BE(0)).toBe(PING_XID);
    link.socket.end();
    await link.end(SESSION_END_MS);
  });
});
