import { describe, expect, it } from 'vitest';
import { Random } from '../time/random.ts';
import { topologyOf } from './topology.ts';

const SEEDS = 3000;

describe('a topology', () => {
  it('can do without any disk that may be lost, whoever gets a vote', () => {
    const drawn = Array.from({ length: SEEDS }, (_, seed) =>
      topologyOf(Random.of(seed), null, true),
    );
    for (const { ids, lossy, changes, groups } of drawn) {
      expect(lossy.length).toBeLessThanOrEqual(1);
      if (lossy.length > 0) expect(changes!.votersMin).toBe(3);
      if (groups.length > 0) expect(lossy).toEqual([]);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids).not.toContain(undefined);
    }
    expect(drawn.some(({ lossy }) => lossy.length > 0)).toBe(true);
    expect(drawn.some(({ changes }) => changes!.strangers.length > 0)).toBe(true);
  });

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
