/** What is bounded by count or by bytes, filled until it is full; the README lists all bounds. */
import { describe, expect, it } from 'vitest';
import type { Completion } from './contract.ts';
import { Session } from './session.ts';
import { type SessionSettings, sessionSettings } from './settings.ts';
import { makeRequest } from './testing/make-request.ts';
import { answer, ScriptServer, welcome } from './testing/script-server.ts';

const server = { host: 'a', port: 2181 };

function opened(settings: Partial<SessionSettings>): Session {
  const session = new Session(sessionSettings({ servers: [server], ...settings }));
  session.start();
  session.turn();
  session.connected(1);
  session.received(1, welcome({ session: 1n, timeoutMs: 9000 }));
  session.turn();
  session.takeOutput();
  return session;
}

function completionsOf(session: Session): Completion[] {
  return session.takeReports().filter((report) => report.kind === 'completion');
}

/** How many requests have been written since the last call. */
function written(session: Session): number {
  const to = new ScriptServer(1, server);
  to.receive(Uint8Array.from([0, 0, 0, 45, ...new Uint8Array(45)]));
  for (const { bytes } of session.takeOutput()) to.receive(bytes);
  return to.owed.length;
}

function setData(token: number, dataBytes: number): Parameters<Session['request']>[0] {
  return makeRequest({ token, operation: 'setData', path: '/a', dataBytes });
}

describe('a session keeps within its bounds', () => {
  it('of bytes in flight, but for one request alone', () => {
    const session = opened({ inFlightBytesMax: 1000 });
    for (const [i, size] of [5000, 400, 400, 400].entries()) session.request(setData(i, size));
    session.turn();
    expect(written(session)).toBe(1);
    session.received(1, answer({ xid: 1, zxid: 1n, error: 0 }));
    session.turn();
    expect(written(session)).toBe(2);
    session.received(1, answer({ xid: 2, zxid: 2n, error: 0 }));
    session.turn();
    expect(written(session)).toBe(1);
  });

  it('of bytes that wait', () => {
    const session = opened({ waitingBytesMax: 1000 });
    for (let i = 0; i < 4; i += 1) session.request(setData(i, 300));
    expect(completionsOf(session).map(({ token, outcome }) => [token, outcome])).toEqual([
      [3, 'full'],
    ]);
    session.turn();
    session.request(setData(4, 300));
    expect(completionsOf(session)).toEqual([]);
  });

  it('of watches, those under way among them', () => {
    const session = opened({ watchesMax: 2 });
    const watch = (token: number): void => {
      const path = `/${token}`;
      session.request(makeRequest({ token, operation: 'getData', path, watcher: 1 }));
    };
    for (const token of [1, 2, 3]) watch(token);
    session.turn();
    session.received(1, answer({ xid: 1, zxid: 1n, error: 0 }));
    session.received(1, answer({ xid: 2, zxid: 1n, error: -101 }));
    watch(4);
    watch(5);
    const outcomes = completionsOf(session).map(({ token, outcome }) => `${token} ${outcome}`);
    expect(outcomes).toEqual(['3 full', '1 answered', '2 answered', '5 full']);
  });

  it('of identities', () => {
    const session = opened({});
    for (let i = 0; i < 257; i += 1) session.addAuth(i, 'digest', new Uint8Array(1));
    expect(completionsOf(session).map(({ token, outcome }) => [token, outcome])).toEqual([
      [256, 'full'],
    ]);
  });
});
