import { describe, expect, test } from 'vitest';
import { Summary } from '../summary.ts';
import { ProposalTimes } from './proposal-times.ts';

function figures({ count, sum, min, max }: Summary): unknown {
  return { count, sum, min, max };
}

describe('how long a quorum takes', () => {
  test('is measured for each proposal', () => {
    const times = new ProposalTimes(7);
    const summary = new Summary();
    times.onProposed(8, 100);
    times.onProposed(9, 100);
    times.onProposed(10, 103);
    times.onCommitted(8, 104, summary);
    expect(figures(summary)).toEqual({ count: 1, sum: 4, min: 4, max: 4 });
    times.onCommitted(10, 110, summary);
    expect(figures(summary)).toEqual({ count: 3, sum: 21, min: 4, max: 10 });
  });

  test('is not measured twice', () => {
    const times = new ProposalTimes(0);
    const summary = new Summary();
    times.onProposed(1, 5);
    times.onCommitted(1, 6, summary);
    times.onCommitted(1, 9, summary);
    expect(summary.count).toBe(1);
  });
});
