import { asServerId } from '@zabra/wire';
import { expect, test } from 'vitest';
import { quorumOf } from '../quorum/ensemble-quorum.ts';
import { ensembleOf } from '../testing/ensembles.ts';
import { type Pinged, SyncRounds } from './sync-rounds.ts';

const quorum = quorumOf(ensembleOf('1 2 3'));
const self = asServerId(3n);

interface Counted extends Pinged {
  pings: number;
  pongs: number;
}

function learner(id: bigint): Counted {
  return { id: asServerId(id), pings: 0, pongs: 0 };
}

function begin(rounds: SyncRounds, learners: readonly Counted[], counter = 0): void {
  for (const one of learners) one.pings += 1;
  rounds.begin(learners, counter);
}

test('who comes while a round runs counts by its first pong, so a round cannot be left hanging', () => {
  const rounds = new SyncRounds(true);
  const gone = learner(1n);
  rounds.ask(5, 0);
  begin(rounds, [gone]);
  const late = learner(2n);
  rounds.count(quorum, self, [late]);
  expect(rounds.take(0)).toEqual([]);
  late.pings = 1;
  late.pongs = 1;
  rounds.count(quorum, self, [late]);
  expect(rounds.take(0)).toEqual([5]);
});

test('syncs share a round in one turn, and not over a proposal or a turn', () => {
  const rounds = new SyncRounds(true);
  const other = learner(1n);
  rounds.ask(1, 0);
  begin(rounds, [other]);
  rounds.ask(2, 0);
  expect(rounds.wantsRound).toBe(false);
  rounds.ask(3, 1);
  expect(rounds.wantsRound).toBe(true);
  begin(rounds, [other], 1);
  rounds.endTurn();
  rounds.ask(4, 1);
  expect(rounds.wantsRound).toBe(true);
  begin(rounds, [other], 1);
  expect(rounds.barrier).toBe(0);
  const taken = [1, 2, 3].map((pongs) => {
    other.pongs = pongs;
    rounds.count(quorum, self, [other]);
    return rounds.take(1);
  });
  expect(taken).toEqual([[1, 2], [3], [4]]);
  expect(rounds.barrier).toBe(Number.POSITIVE_INFINITY);
});

test('what a learner asked is dropped with it, and the others keep their order', () => {
  const rounds = new SyncRounds(false);
  for (const [origin, counter] of [
    [1, 1],
    [2, 1],
    [1, 2],
    [3, 2],
  ] as const) {
    rounds.ask(origin, counter);
  }
  rounds.drop(1);
  expect(rounds.take(1)).toEqual([2]);
  expect(rounds.take(2)).toEqual([3]);
});

test('too many are refused', () => {
  const rounds = new SyncRounds(true);
  let taken = 0;
  while (rounds.ask(1, 1)) taken += 1;
  expect(taken).toBe(65_536);
});
