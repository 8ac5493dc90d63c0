import { describe, expect, it } from 'vitest';
import { figureOf } from './figure.ts';
import { type Measured, rowOf, withoutPeerFloor } from './row.ts';

const reads: Measured = {
  id: 'getData.rate',
  label: 'getData',
  unit: 'per second',
  figures: { subject: figureOf([1_200_000]), peer: figureOf([100_000]) },
};

describe('a row', () => {
  it('passes at its floor', () => {
    expect(rowOf(reads)).toMatchObject({ ratio: 12, verdict: 'pass', note: undefined });
  });

  it('misses below it', () => {
    const figures = { ...reads.figures, subject: figureOf([1_190_000]) };
    expect(rowOf({ ...reads, figures }).verdict).toBe('miss');
  });

  it('gives no ratio when the generator was saturated', () => {
    const shares = { subject: { generatorShare: 0.99, serverShare: 0.6 } };
    const row = rowOf({ ...reads, shares });
    expect(row.ratio).toBeUndefined();
    expect(row.verdict).toBeUndefined();
    expect(row.note).toBe('no ratio: the generator was saturated on Zabra');
  });

  it('does not mind a saturated limit, which is in no ratio', () => {
    const shares = { limit: { generatorShare: 0.99, serverShare: 0.6 } };
    expect(rowOf({ ...reads, shares }).verdict).toBe('pass');
  });

  it('is not judged without a peer', () => {
    const figures = { subject: figureOf([1_200_000]) };
    expect(rowOf({ ...reads, figures })).toMatchObject({ ratio: undefined, verdict: undefined });
  });

  it('judges by its own number when the floor says so', () => {
    const start = { id: 'start.time', label: 'start', unit: 'ms' } as const;
    expect(rowOf({ ...start, figures: { subject: figureOf([120]) } }).verdict).toBe('pass');
    expect(rowOf({ ...start, figures: { subject: figureOf([121]) } }).verdict).toBe('miss');
  });

  it('is not judged by its ratio to another build', () => {
    expect(withoutPeerFloor(rowOf(reads))).toMatchObject({ ratio: 12, verdict: undefined });
  });

  it('says why a floor does not apply', () => {
    const row = rowOf({ ...reads, unjudged: 'not judged: too short' });
    expect(row).toMatchObject({ ratio: 12, verdict: undefined, note: 'not judged: too short' });
  });
});
