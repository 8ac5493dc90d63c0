import { describe, expect, it } from 'vitest';
import { campaign } from './campaign.ts';
import { type Plan, planOf } from './plan.ts';
import { replicaSpecies } from './replica-species.ts';
import { run } from './run.ts';

/** A machine that is busy with other things may take long. */
const PATIENCE_MS = 180_000;
const WORLDS = 5;

const planFrom = (seed: number): Plan => planOf(seed, { serverCount: null });

describe('an ensemble of the replica that ships', { timeout: PATIENCE_MS }, () => {
  it('keeps every promise, whatever befalls it', () => {
    const totals = campaign({ from: 1, worldCount: WORLDS, serverCount: null }, replicaSpecies);
    expect(totals.failures).toEqual([]);
    expect(totals.operationCount / WORLDS).toBeGreaterThan(300);
    expect(totals.simulatedMs / WORLDS).toBeGreaterThan(60_000);
  });

  it('keeps them while members change', () => {
    const totals = campaign(
      { from: 1, worldCount: WORLDS, serverCount: null, with: ['changes'] },
      replicaSpecies,
    );
    expect(totals.failures).toEqual([]);
    const counts = new Map(totals.ledger);
    expect(counts.get('members: changed')).toBeGreaterThan(WORLDS);
    expect(counts.get('F-P15')).toBeGreaterThan(0);
  });

  it('keeps them to sessions of one server, and to those who only read', () => {
    const totals = campaign(
      { from: 1, worldCount: WORLDS, serverCount: null, with: ['local', 'readers'] },
      replicaSpecies,
    );
    expect(totals.failures).toEqual([]);
    const counts = new Map(totals.ledger);
    expect(counts.get('sessions: local')).toBeGreaterThan(WORLDS);
    expect(counts.get('sessions: upgraded')).toBeGreaterThan(0);
  });

  it('lives the same life again from the same seed, told or not, and another one from another', () => {
    const seeds = [1, 2];
    const hashes = seeds.map((seed) => run(planFrom(seed), replicaSpecies).hash);
    const lines: string[] = [];
    const told = (line: string): number => lines.push(line);
    expect(seeds.map((seed) => run(planFrom(seed), replicaSpecies, told).hash)).toEqual(hashes);
    expect(new Set(hashes).size).toBe(seeds.length);
    expect(lines.some((line) => / serves as leader of epoch \d+$/.test(line))).toBe(true);
    expect(lines.some((line) => / serves following server \d+ in epoch/.test(line))).toBe(true);
  });
});
