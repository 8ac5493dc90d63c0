import { describe, expect, it } from 'vitest';
import { Random } from '../time/random.ts';
import { topologyOf } from './topology.ts';

const SEEDS = 3000;

describe('a topology', () => {
  it('has somebody for clients in the end, even where leaders do not serve them', () => {
    const drawn = Array.from({ length: SEEDS }, (_, seed) => topologyOf(Random.of(seed), null));
    const deserted = drawn.filter(
      ({ ids, absent, leaderServes }) => !leaderServes && ids.length - absent.length === 1,
    );
    expect(deserted).toEqual([]);
    // Those who are but one and those whose leader does not serve have been drawn at all.
    expect(drawn.some(({ ids, absent }) => ids.length - absent.length === 1)).toBe(true);
    expect(drawn.some(({ leaderServes }) => !leaderServes)).toBe(true);
  });
});
