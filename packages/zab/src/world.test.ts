/**
 * Peers in a seeded world, with real elections. `ZAB_SEEDS=10000` plays so many, `ZAB_SEED=7` that one
 * alone; a seed that fails shows what happened in it.
 */
import { expect, test } from 'vitest';
import { playSeeds, seedsOf } from './testing/peer-seeds.ts';
import { PeerWorld } from './testing/peer-world.ts';

const seeds = seedsOf(process.env, 120);

test('whatever fails, nothing agreed is lost, and when nothing fails any more all agree', () => {
  const sums = playSeeds(seeds, (seed) => new PeerWorld(seed));
  if (seeds.count < 100) return;
  // The faults must not have kept everybody from doing anything.
  expect(sums.reigns).toBeGreaterThan(3 * seeds.count);
  expect(sums.agreed).toBeGreaterThan(200 * seeds.count);
  expect(sums.syncs).toBeGreaterThan(10 * seeds.count);
  for (const way of ['diff', 'trunc', 'snap']) expect(sums[way], way).toBeGreaterThan(2);
}, 3_600_000);

test('equal seeds give equal runs', () => {
  for (const seed of [1, 2, 3, 4]) {
    const [one, other] = [new PeerWorld(seed), new PeerWorld(seed)];
    expect(one.run()).toEqual(other.run());
    expect(one.witness.lines).toEqual(other.witness.lines);
  }
});
