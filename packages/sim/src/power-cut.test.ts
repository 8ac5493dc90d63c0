import { describe, expect, it } from 'vitest';
import { cutEverywhere } from './power-cut.ts';

const SEEDS = [1, 2, 3];
const STEPS = 150;

describe('a power cut at any step', () => {
  it.each(SEEDS)('loses nothing that was acknowledged, with seed %d', (seed) => {
    const report = cutEverywhere({ seed, steps: STEPS, disk: { snapshotsKept: 2 } });
    expect(report.violations).toEqual([]);
    console.log(report);
  });

  it.each(['syncs', 'syncsNames', 'syncsSnapshots'] as const)(
    'is noticed where the disk is broken: no %s',
    (duty) => {
      const disk = { snapshotsKept: 1, [duty]: false };
      const { violations } = cutEverywhere({ seed: 1, steps: STEPS, disk });
      expect(violations.length).toBeGreaterThan(0);
      console.log(duty, violations.length, violations.slice(0, 5));
    },
  );
});
