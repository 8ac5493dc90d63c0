import { Session, SessionTable } from '@zabra/tree';
import { describe, expect, test } from 'vitest';
import { LocalSessions } from './local-sessions.ts';

const TICK_MS = 2000;

function world(): { local: LocalSessions; ensemble: SessionTable; session: Session } {
  const local = new LocalSessions(TICK_MS);
  const ensemble = new SessionTable(TICK_MS);
  const session = new Session(1, 5, 4000);
  local.open(session);
  return { local, ensemble, session };
}

describe('a local session', () => {
  test('is known until it is closed', () => {
    const { local, session } = world();
    expect(local.get(1, 5)).toBe(session);
    expect(session.isLocal).toBe(true);
    local.close(session);
    expect(local.get(1, 5)).toBeUndefined();
    expect(session.closing).toBe(true);
  });

  test('that is on its way to the ensemble is there under the timeout it has now', () => {
    const { local, ensemble, session } = world();
    session.leaseMs = 8000;
    local.upgrade(session, ensemble);
    expect(local.get(1, 5)).toBeUndefined();
    expect(ensemble.find(1, 5)).toBe(session);
    expect(session).toMatchObject({ isLocal: false, closing: false, timeoutMs: 8000 });
    expect(ensemble.open(1, 5, 8000)).toBe(session);
  });

  test('is local again if nothing came of it', () => {
    const { local, ensemble, session } = world();
    local.upgrade(session, ensemble);
    ensemble.expectNothing();
    local.settle(ensemble);
    expect(local.get(1, 5)).toBe(session);
    expect(session.isLocal).toBe(true);
  });

  test('is never both, also if it came with a snapshot (B-39)', () => {
    const { local, ensemble, session } = world();
    local.upgrade(session, ensemble);
    const taken = new SessionTable(TICK_MS);
    taken.open(1, 5, 4000);
    local.settle(taken);
    expect(local.get(1, 5)).toBeUndefined();
  });

  test('that was closed on its way is not had again', () => {
    const { local, ensemble, session } = world();
    local.upgrade(session, ensemble);
    session.closing = true;
    local.settle(ensemble);
    expect(local.get(1, 5)).toBeUndefined();
  });
});
