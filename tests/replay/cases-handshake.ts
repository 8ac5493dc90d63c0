/** Golden handshakes, four-letter words and broken frames: what happens before there is a session. */
import { expect, it } from 'vitest';
import { RawClient } from '../support/raw-client.ts';
import { exchangeToEnd } from '../support/raw-link.ts';
import { type ConnectResponse, readConnectResponse } from '../support/raw-replies.ts';
import { wrongPasswordDropsLiveConnection } from './deviations.ts';
import { answerOf, goldenCase, requestBytes } from './golden.ts';
import type { Story } from './story.ts';

const SESSION_ID_OFFSET = 16;
const PASSWORD_OFFSET = 28;
const TICK_MS = 2000;
const SHORTEST_TIMEOUT_MS = 4000;

const newSessions = [
  'connect.new.no_readonly_byte',
  'connect.new.readonly_true',
  'connect.new.timeout_low',
  'connect.new.timeout_high',
  'connect.new.null_password',
  'connect.new.protocol_version_7',
];

const withoutSession = [
  '4lw.ruok',
  '4lw.isro',
  '4lw.not_whitelisted',
  'frame.negative_length',
  'frame.oversize',
  'frame.http_garbage',
  'frame.zero_length',
];

/** Where a request that names a session carries its id and password. */
function naming(session: ConnectResponse, password = session.password): Map<number, Buffer> {
  const id = Buffer.alloc(8);
  id.writeBigInt64BE(session.sessionId);
  return new Map([
    [SESSION_ID_OFFSET, id],
    [PASSWORD_OFFSET, password],
  ]);
}

export function handshakeCases(story: () => Story): void {
  const connect = (timeoutMs: number): Promise<RawClient> =>
    RawClient.connect({ port: story().server.port, timeoutMs });

  for (const name of newSessions) {
    it(name, async () => {
      const { link } = await story().playHandshake(name, new Map());
      link.destroy();
    });
  }

  it('connect.new and connect.reattach', async () => {
    const first = await story().playHandshake('connect.new', new Map());
    const session = readConnectResponse(first.answer);
    const second = await story().playHandshake('connect.reattach', naming(session));
    await first.link.end();
    expect(readConnectResponse(second.answer)).toEqual(session);
    second.link.destroy();
  });

  it('connect.reattach.wrong_password', async () => {
    const live = await connect(10_000);
    const wrong = naming(live.session, Buffer.alloc(16, 0x78));
    await story().playHandshake('connect.reattach.wrong_password', wrong);
    if (wrongPasswordDropsLiveConnection(story().server.product)) await live.link.end();
    else expect((await live.ping()).error).toBe(0);
    const again = await RawClient.connect({ port: story().server.port, ...live.session });
    expect(again.session.sessionId).toBe(live.session.sessionId);
    again.destroy();
  });

  it('connect.unknown_session', async () => {
    await story().playHandshake('connect.unknown_session', new Map());
  });

  it('connect.closed_session', async () => {
    const client = await connect(10_000);
    await client.closeSession();
    await story().playHandshake('connect.closed_session', naming(client.session));
  });

  it('connect.expired', async () => {
    const client = await connect(SHORTEST_TIMEOUT_MS);
    const began = Date.now();
    await client.link.end();
    const idleMs = Date.now() - began;
    expect(idleMs).toBeGreaterThan(SHORTEST_TIMEOUT_MS - 100);
    expect(idleMs).toBeLessThan(SHORTEST_TIMEOUT_MS + 2 * TICK_MS);
    await story().playHandshake('connect.expired', naming(client.session));
  });

  it('connect.zxid_ahead', async () => {
    await story().playHandshake('connect.zxid_ahead', new Map());
  });

  for (const name of withoutSession) {
    it(name, async () => {
      story().begin(name);
      const golden = goldenCase(name);
      const answer = await exchangeToEnd(story().server.port, requestBytes(golden));
      expect(answer.toString('hex')).toBe(answerOf(golden).bytes.toString('hex'));
    });
  }
}
