import { expect, it } from 'vitest';
import { type Plan, planOf } from './plan.ts';
import { shrink } from './shrink.ts';

const big = ((): Plan => {
  for (let seed = 1; ; seed += 1) {
    const plan = planOf(seed, { serverCount: 1 });
    if (plan.faults.length > 30 && plan.clientCount > 2) return plan;
  }
})();

it('keeps but the faults that matter', () => {
  const needed = [big.faults[3]!, big.faults[20]!];
  const { plan, runCount } = shrink(
    big,
    ({ faults }) => needed.every((fault) => faults.includes(fault)),
    500,
  );
  expect(plan.faults).toEqual(needed);
  expect(plan.habits.operations).toBe(1);
  expect(runCount).toBeLessThan(200);
});

it('keeps what it was given when nothing can be left out', () => {
  const { plan } = shrink(big, (one) => one === big, 100);
  expect(plan).toBe(big);
});

it('ends when it has run often enough', () => {
  let runs = 0;
  const { runCount } = shrink(
    big,
    () => {
      runs += 1;
      return true;
    },
    5,
  );
  expect([runs, runCount]).toEqual([5, 5]);
});
