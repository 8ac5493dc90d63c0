import { describe, expect, it } from 'vitest';
import { Company } from './company.ts';

/** Behind syncs of 0.4 ms, of which the last carried eight writes while three others were gathered. */
function behindEight(): Company {
  const company = new Company();
  for (let i = 0; i < 100; i += 1) company.onSynced(8, 0.4, 0, i);
  company.onSynced(8, 0.4, 3, 1000);
  return company;
}

describe('an append behind a sync', () => {
  it('waits for those who were answered, a quarter of the sync at most', () => {
    const company = behindEight();
    expect(company.dueMs(3)).toBeCloseTo(1000.1, 3);
    expect(company.dueMs(10)).toBeCloseTo(1000.1, 3);
  });

  it('leaves when they have come', () => {
    expect(behindEight().dueMs(11)).toBe(Number.NEGATIVE_INFINITY);
  });

  it('does not wait long for a slow disk, nor at all for a crowd', () => {
    const company = behindEight();
    for (let i = 0; i < 100; i += 1) company.onSynced(1, 50, 1, 2000);
    expect(company.dueMs(1)).toBeCloseTo(2000.2, 3);
    company.onSynced(129, 50, 1, 3000);
    expect(company.dueMs(1)).toBe(Number.NEGATIVE_INFINITY);
  });

  it('does not wait where syncs take no time, nor for a client that is alone', () => {
    const company = new Company();
    company.onSynced(8, 0, 3, 1000);
    expect(company.dueMs(3)).toBeLessThanOrEqual(1000);
    company.onSynced(1, 0.4, 0, 1000);
    expect(company.dueMs(1)).toBe(Number.NEGATIVE_INFINITY);
  });
});
