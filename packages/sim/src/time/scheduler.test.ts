import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Random } from './random.ts';
import { Scheduler } from './scheduler.ts';

const times = fc.array(fc.nat({ max: 50 }), { maxLength: 600 });

function order(atMs: readonly number[], seed: number): [atMs: number, subject: number][] {
  const scheduler = new Scheduler(Random.of(seed));
  for (const [i, at] of atMs.entries()) scheduler.schedule(at, 1, i, i + 1);
  const found: [number, number][] = [];
  while (scheduler.next(Number.POSITIVE_INFINITY)) {
    expect(scheduler.argument).toBe(scheduler.subject + 1);
    found.push([scheduler.nowMs, scheduler.subject]);
  }
  return found;
}

it('leaps from event to event in the order of time, and forgets none', () => {
  const property = fc.property(times, fc.nat(), (atMs, seed) => {
    const found = order(atMs, seed);
    expect(found.map(([at]) => at)).toEqual([...atMs].sort((a, b) => a - b));
    for (const [at, subject] of found) expect(atMs[subject]).toBe(at);
    expect(order(atMs, seed)).toEqual(found);
  });
  fc.assert(property);
});

it('lets chance decide between events of one moment', () => {
  const orders = [1, 2, 3, 4].map((seed) => order([5, 5, 5, 5, 5, 5], seed).join());
  expect(new Set(orders).size).toBeGreaterThan(1);
});

it('never goes back, and stops where it is told', () => {
  const scheduler = new Scheduler(Random.of(1));
  scheduler.schedule(10, 1, 1);
  expect(scheduler.next(9)).toBe(false);
  expect(scheduler.next(10)).toBe(true);
  scheduler.schedule(3, 1, 2);
  expect(scheduler.next(10)).toBe(true);
  expect([scheduler.nowMs, scheduler.subject, scheduler.count]).toEqual([10, 2, 0]);
});
