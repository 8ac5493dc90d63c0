import { Identities } from '@zabra/tree';
import { describe, expect, it } from 'vitest';
import { Buffers } from './buffers.ts';
import { Connection, UNSEEN } from './connection.ts';
import { Owed } from './owed.ts';
import { Tally } from './wait-queue.ts';

const MEBIBYTE = 1024 * 1024;
const NOW_MS = 10_000;

/** Mebibytes with the body, mebibytes not with it yet, and for how long nothing was taken. */
type Debt = readonly [unsent: number, pending: number, silentMs: number];

function owing([unsent, pending, silentMs]: Debt, owed: Owed): Connection {
  const tally = new Tally(new Buffers());
  const connection = new Connection(1, '127.0.0.1', 1, new Identities([]), 0, 0, tally);
  connection.unsentBytes = unsent * MEBIBYTE;
  connection.heldBytes = pending * MEBIBYTE;
  connection.sentAtMs = NOW_MS - silentMs;
  owed.onWritten(connection.owedBytes);
  return connection;
}

/** The places in the list of those who are let go, in their order. */
function leaving(...debts: readonly Debt[]): number[] {
  const owed = new Owed();
  const connections = debts.map((debt) => owing(debt, owed));
  return owed.leavers(connections, NOW_MS).map((connection) => connections.indexOf(connection));
}

describe('who is let go', () => {
  it.each<[string, readonly Debt[], number[]]>([
    ['nobody while little is owed', [[7, 1, 60_000]], []],
    [
      'whoever is silent, until there is room again',
      [
        [5, 0, 1000],
        [1, 0, 1000],
        [4, 0, 1000],
      ],
      [0, 2],
    ],
    [
      'nobody who takes something',
      [
        [5, 0, 999],
        [5, 0, 0],
      ],
      [],
    ],
    [
      'whoever is silent for a moment where it is tight',
      [
        [6, 0, 99],
        [7, 0, 100],
      ],
      [1],
    ],
    ['nobody for one large answer that is taken', [[60, 0, 99]], []],
    [
      'whoever has most piled up where nothing else helps',
      [
        [20, 1, 0],
        [1, 4, 0],
        [1, 2, 0],
      ],
      [1],
    ],
  ])('%s', (_rule, debts, expected) => {
    expect(leaving(...debts)).toEqual(expected);
  });

  it('counts silence from the first look', () => {
    const owed = new Owed();
    const connection = owing([20, 0, 0], owed);
    connection.sentAtMs = UNSEEN;
    expect(owed.leavers([connection], NOW_MS)).toEqual([]);
    expect(owed.leavers([connection], NOW_MS + 99)).toEqual([]);
    expect(owed.leavers([connection], NOW_MS + 100)).toEqual([connection]);
  });

  it('does not count what is being dropped already', () => {
    const owed = new Owed();
    const [cut, silent] = [owing([9, 0, 5000], owed), owing([3, 0, 5000], owed)];
    cut.isCut = true;
    expect(owed.leavers([cut, silent], NOW_MS)).toEqual([]);
  });
});

describe('who may be given more', () => {
  const room = (debt: Debt, others: number): boolean[] => {
    const owed = new Owed();
    const connection = owing(debt, owed);
    owed.onWritten(others * MEBIBYTE);
    return [owed.hasRoomFor(connection), owed.hasUrgentRoomFor(connection)];
  };

  it.each<[string, Debt, number, boolean[]]>([
    ['all who owe little', [0.05, 0, 0], 30, [true, true]],
    ['who has something while little is owed in all', [0.5, 0.4, 0], 7, [true, true]],
    ['who has something while much is owed, only urgently', [0.5, 0.4, 0], 9, [false, true]],
    ['who has much, only urgently', [1, 1, 0], 0, [false, true]],
    ['who has much while too much is owed, not at all', [1, 1, 0], 23, [false, false]],
    ['who has too much, not at all', [8, 1, 0], 0, [false, false]],
  ])('%s', (_rule, debt, others, expected) => {
    expect(room(debt, others)).toEqual(expected);
  });
});

it('what was sent is owed no more', () => {
  const owed = new Owed();
  owed.onWritten(10 * MEBIBYTE);
  expect(owed.nextDueMs(NOW_MS)).toBe(NOW_MS + 100);
  owed.onTaken(9 * MEBIBYTE, MEBIBYTE);
  owed.onSent(4 * MEBIBYTE);
  expect(owed.bytes).toBe(6 * MEBIBYTE);
  expect(owed.nextDueMs(NOW_MS)).toBe(Number.POSITIVE_INFINITY);
  owed.onSent(5 * MEBIBYTE);
  owed.onTaken(MEBIBYTE, 0);
  owed.onSent(MEBIBYTE);
  expect(owed.bytes).toBe(0);
});
