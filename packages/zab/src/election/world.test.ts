/**
 * Elections in a seeded world. `ELECTION_SEEDS=10000` plays so many, from `ELECTION_SEED_FIRST` on; a
 * seed that fails shows what happened in it.
 */
import { expect, test } from 'vitest';
import { ElectionWorld, type Outcome } from '../testing/election-world.ts';

const TRACE_LINES = 150;

const count = Number(process.env.ELECTION_SEEDS ?? 400);
const first = Number(process.env.ELECTION_SEED_FIRST ?? 1);

function play(seed: number): Outcome {
  const world = new ElectionWorld(seed);
  try {
    return world.run();
  } catch (cause) {
    const tail = world.trace.slice(-TRACE_LINES).join('\n');
    throw new Error(`seed ${seed}: ${(cause as Error).message}\n${tail}`, { cause });
  }
}

test('whatever fails, no election goes wrong; when nothing fails any more, one leader is found', () => {
  const outcomes = Array.from({ length: count }, (_, i) => play(first + i));
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((all, one) => all + of(one), 0);
  // Faults must not have kept everybody from electing, nor everybody from failing.
  expect(sum(({ decisions }) => decisions)).toBeGreaterThan(5 * count);
  expect(sum(({ reigns }) => reigns)).toBeGreaterThan(count);
}, 3_600_000);

test('equal seeds give equal runs', () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const [one, other] = [new ElectionWorld(seed), new ElectionWorld(seed)];
    expect(one.run()).toEqual(other.run());
    expect(one.trace).toEqual(other.trace);
  }
});
