/** That what is told of real worlds is enough to see what is wrong in them. */
import { expect, it } from 'vitest';
import type { DiskOptions } from '../../disk.ts';
import { planOf } from '../../run/plan.ts';
import { replicaSpecies } from '../../run/replica-species.ts';
import { run } from '../../run/run.ts';

const PATIENCE_MS = 60_000;

/** What the judge of the ensemble finds where disks are broken in this way. */
function found(disk: Partial<DiskOptions>, seed: number): Set<string> {
  const plan = { ...planOf(seed, { serverCount: 3 }), faults: [] };
  const { violations } = run(plan, { ...replicaSpecies, disk });
  const ofEnsemble = violations.filter(({ check }) => check === 'ensemble');
  return new Set(ofEnsemble.map(({ what }) => what.split(':')[0]!));
}

it('sees nothing wrong where nothing is', { timeout: PATIENCE_MS }, () => {
  expect(found({}, 1)).toEqual(new Set());
});

it('sees acknowledgements of what was never synced (S-11)', { timeout: PATIENCE_MS }, () => {
  expect(found({ syncs: false }, 1)).toContain('S-11');
});

it('sees promises in files whose names may be gone (S-02)', { timeout: PATIENCE_MS }, () => {
  expect(found({ syncsNames: false }, 1)).toContain('S-02');
});
