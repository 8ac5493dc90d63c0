import { Opcode, type Transaction } from '@zabra/wire';
import { describe, expect, it } from 'vitest';
import { cutEverywhere } from './power-cut.ts';

const SEEDS = [1, 2, 3, 4];
const STEPS = 250;
/** A machine that is busy with other things may take long. */
const PATIENCE_MS = 60_000;

describe('a power cut at any step', { timeout: PATIENCE_MS }, () => {
  const lived: Transaction[] = [];

  it.each(SEEDS)('loses nothing that was acknowledged, with seed %d', (seed) => {
    const report = cutEverywhere({ seed, steps: STEPS, disk: { snapshotsKept: 2 } });
    expect(report.violations).toEqual([]);
    expect(report.cuts).toBe(3 * STEPS);
    lived.push(...report.proposals);
  });

  it('falls into lives that have everything in them', () => {
    const has = (fits: (txn: Transaction) => boolean): boolean => lived.some(fits);
    const types = [
      Opcode.Create,
      Opcode.SetData,
      Opcode.Delete,
      Opcode.Multi,
      Opcode.Error,
      Opcode.CreateSession,
      Opcode.CloseSession,
    ];
    for (const type of types) expect(has(({ record }) => record.type === type)).toBe(true);
    expect(has(({ record }) => record.type === Opcode.Create && record.body.ephemeral)).toBe(true);
    const closed = lived.flatMap(({ record }) =>
      record.type === Opcode.CloseSession ? (record.body.paths ?? []) : [],
    );
    expect(closed.length).toBeGreaterThan(0);
    const parts = lived.flatMap(({ record }) =>
      record.type === Opcode.Multi ? [record.body.txns.map(({ type }) => type)] : [],
    );
    expect(parts.some((list) => list.includes(Opcode.Error))).toBe(true);
    expect(parts.some((list) => !list.includes(Opcode.Error))).toBe(true);
  });
});

describe('a broken disk is noticed', { timeout: PATIENCE_MS }, () => {
  const violationsWith = (disk: Parameters<typeof cutEverywhere>[0]['disk']): readonly string[] =>
    cutEverywhere({ seed: 1, steps: 120, disk: { snapshotsKept: 1, ...disk } }).violations;

  it('that does not sync its logs', () => {
    const violations = violationsWith({ syncs: false });
    expect(violations.some((sentence) => sentence.includes('was acknowledged, but only'))).toBe(
      true,
    );
    expect(violations.some((sentence) => sentence.includes('everything left'))).toBe(false);
  });

  it('that does not sync the directory', () => {
    const violations = violationsWith({ syncsNames: false });
    expect(violations.some((sentence) => sentence.includes('was acknowledged, but only'))).toBe(
      true,
    );
    expect(violations.some((sentence) => sentence.includes('everything left'))).toBe(false);
  });

  it('that names a snapshot before its bytes are safe', () => {
    const violations = violationsWith({ syncsSnapshots: false });
    expect(violations.some((sentence) => sentence.includes('does not come back'))).toBe(true);
    expect(violations.some((sentence) => sentence.includes('everything left'))).toBe(false);
  });
});
