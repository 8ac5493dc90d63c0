import { asServerId, type ServerId } from '@zabra/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quorumOf } from '../quorum/ensemble-quorum.ts';
import type { QuorumVerifier } from '../quorum/verifier.ts';
import { ensembleOf } from '../testing/ensembles.ts';
import { Tally } from './tally.ts';

const ids: readonly ServerId[] = [1n, 2n, 3n, 4n, 5n, 6n].map(asServerId);

const quorums: readonly QuorumVerifier[] = [
  '1 2 3',
  '1 2 3 4 5',
  '1 2 3 4 5 6 groups=1:2:3,4:5,6 weights=1:2,6:0',
].map((words) => quorumOf(ensembleOf(words)));

const server = fc.record({
  id: fc.constantFrom(...ids),
  counter: fc.integer({ min: 0, max: 9 }),
  isSworn: fc.boolean(),
});

/** One counter after the other. */
function reachedSlowly(
  quorum: QuorumVerifier,
  having: ReadonlyMap<ServerId, number>,
  from: number,
  to: number,
): number {
  let reached = from;
  for (let counter = from + 1; counter <= to; counter += 1) {
    const those = [...having].filter(([, most]) => most >= counter).map(([id]) => id);
    if (!quorum.contains(new Set(those))) break;
    reached = counter;
  }
  return reached;
}

test('a quorum has reached what counting one by one says, among those who have sworn', () => {
  const anyQuorum = fc.constantFrom(...quorums);
  const bounds = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }));
  fc.assert(
    fc.property(anyQuorum, fc.array(server, { maxLength: 8 }), bounds, (quorum, servers, both) => {
      const [from, to] = both.sort((one, other) => one - other);
      const tally = new Tally();
      const having = new Map<ServerId, number>();
      for (const { id, counter, isSworn } of servers) {
        const seat = tally.seatOf(id);
        seat.startOver(0);
        having.delete(id);
        seat.acknowledge(counter);
        seat.isSworn = isSworn;
        if (isSworn) having.set(id, counter);
      }
      expect(tally.reached(quorum, from!, to!)).toBe(reachedSlowly(quorum, having, from!, to!));
    }),
  );
});

test('who comes back has no more than it says, and nothing before it has sworn again', () => {
  const tally = new Tally();
  const alone = quorumOf(ensembleOf('1'));
  const seat = tally.seatOf(asServerId(1n));
  seat.isSworn = true;
  seat.acknowledge(5);
  seat.acknowledge(3);
  expect(tally.reached(alone, 0, 9)).toBe(5);
  seat.startOver(4);
  expect(seat.acknowledged).toBe(4);
  expect([tally.haveSworn(alone), tally.reached(alone, 0, 9)]).toEqual([false, 0]);
  tally.seatOf(asServerId(1n)).isSworn = true;
  expect([tally.haveSworn(alone), tally.reached(alone, 0, 9)]).toEqual([true, 4]);
});
