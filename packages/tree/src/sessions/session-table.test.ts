import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Session, SessionTable } from './session-table.ts';

const TICK_MS = 2000;

/** When a lease of this length ends that begins now: at a tick, never too early. */
function endOf(nowMs: number, leaseMs: number): number {
  return (Math.floor((nowMs + leaseMs) / TICK_MS) + 1) * TICK_MS;
}

test('leases end when a table without buckets says so', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('open'), id: fc.nat(5), ms: fc.integer({ min: 1, max: 9000 }) }),
    fc.record({ kind: fc.constant('touch'), id: fc.nat(5), ms: fc.integer({ min: 1, max: 9000 }) }),
    fc.record({ kind: fc.constant('renegotiate'), id: fc.nat(5), ms: fc.nat(9000) }),
    fc.record({ kind: fc.constant('close'), id: fc.nat(5), ms: fc.constant(0) }),
    fc.record({ kind: fc.constant('wait'), id: fc.constant(0), ms: fc.nat(5000) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
      const table = new SessionTable(TICK_MS);
      const leases = new Map<number, { leaseMs: number; endMs: number }>();
      let nowMs = 0;
      for (const { kind, id, ms } of steps) {
        const session = table.get(7, id);
        if (kind === 'open') {
          table.open(7, id, ms);
          if (session === undefined) leases.set(id, { leaseMs: ms, endMs: endOf(nowMs, ms) });
        } else if (kind === 'close') {
          table.close(7, id);
          leases.delete(id);
        } else if (session !== undefined && kind !== 'wait') {
          const lease = leases.get(id)!;
          if (kind === 'renegotiate') session.leaseMs = ms;
          lease.leaseMs = session.leaseMs;
          table.touch(session);
          lease.endMs = endOf(nowMs, lease.leaseMs);
        } else if (kind === 'wait') {
          nowMs += ms;
          table.advance(nowMs);
          const due = [...leases].filter(([, { endMs }]) => endMs <= nowMs).map(([low]) => low);
          expect(lows(table.takeExpired())).toEqual(due.sort());
          // Whoever does not close them hears of them no more.
          for (const low of due) leases.set(low, { leaseMs: 0, endMs: Number.POSITIVE_INFINITY });
        }
        const earliest = Math.min(...[...leases.values()].map(({ endMs }) => endMs));
        expect(table.nextDueMs()).toBeLessThanOrEqual(earliest);
        if (earliest === Number.POSITIVE_INFINITY) expect(table.nextDueMs()).toBe(earliest);
        expect(table.size).toBe(leases.size);
      }
    }),
  );
});

function lows(sessions: readonly Session[]): number[] {
  return sessions.map((session) => session.low).sort();
}

describe('a lease', () => {
  test('is rounded up to the tick after its end', () => {
    const table = new SessionTable(TICK_MS);
    const session = table.open(1, 1, 4000);
    expect(session.deadlineMs).toBe(6000);
    table.advance(1);
    table.touch(session);
    expect(session.deadlineMs).toBe(6000);
    table.advance(2000);
    table.touch(session);
    expect(session.deadlineMs).toBe(8000);
  });

  test('that was touched moves on when its bucket comes due', () => {
    const table = new SessionTable(TICK_MS);
    const session = table.open(1, 1, 4000);
    table.advance(3000);
    table.touch(session);
    expect(session.bucketMs).toBe(6000);
    table.advance(6000);
    expect(table.takeExpired()).toEqual([]);
    expect(session.bucketMs).toBe(8000);
    expect([...table.buckets.keys()]).toEqual([8000]);
    table.advance(8000);
    expect(table.takeExpired()).toEqual([session]);
    expect(table.buckets.size).toBe(0);
  });

  test('that became shorter ends sooner', () => {
    const table = new SessionTable(TICK_MS);
    const session = table.open(1, 1, 40_000);
    session.leaseMs = 1000;
    table.touch(session);
    expect(table.nextDueMs()).toBe(2000);
  });

  test('of a session that is closing does not end again', () => {
    const table = new SessionTable(TICK_MS);
    table.open(1, 1, 1000).closing = true;
    table.advance(10_000);
    expect(table.takeExpired()).toEqual([]);
  });

  test('starts over for all when service starts', () => {
    const table = new SessionTable(TICK_MS);
    const session = table.open(1, 1, 4000);
    table.advance(100_000);
    table.renewAll();
    expect(table.takeExpired()).toEqual([]);
    expect(session.deadlineMs).toBe(106_000);
  });
});

describe('an id', () => {
  test('opened again keeps its session and takes the new timeout', () => {
    const table = new SessionTable(TICK_MS);
    const session = table.open(1, 1, 4000);
    expect(table.open(1, 1, 8000)).toBe(session);
    expect(session.timeoutMs).toBe(8000);
    expect(table.size).toBe(1);
  });

  test('is printed unsigned, without padding', () => {
    const table = new SessionTable(TICK_MS);
    expect(table.open(0x00000001, 0x0a0bd0000 | 0, 1).text).toBe('0x1a0bd0000');
    expect(table.open(-1, 1, 1).text).toBe('0xffffffff00000001');
  });

  test('that is closed marks its session for whoever still holds it', () => {
    const table = new SessionTable(TICK_MS);
    const session = table.open(1, 1, 4000);
    table.close(1, 1);
    table.close(1, 1);
    expect(session.closing).toBe(true);
    expect(table.get(1, 1)).toBeUndefined();
    expect([...table.all()]).toEqual([]);
  });
});
