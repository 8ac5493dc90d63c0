import { Xid } from '@zabra/wire';
import { describe, expect, it } from 'vitest';
import type { DiskOptions } from '../disk.ts';
import { type Mask, masked } from '../testing/toys.ts';
import { campaign, neverSeen } from './campaign.ts';
import { type Plan, planOf } from './plan.ts';
import { replicaSpecies } from './replica-species.ts';
import { type Check, run, type Species } from './run.ts';
import { shrink } from './shrink.ts';

/** A machine that is busy with other things may take long. */
const PATIENCE_MS = 300_000;
const WORLDS = 100;
/** So many worlds are enough for anything that is plainly wrong. */
const SEEDS_TO_FIND = 40;
const SHRINK_RUNS_MAX = 60;

const planFrom = (seed: number): Plan => planOf(seed, { serverCount: 1 });

describe('the replica that ships', { timeout: PATIENCE_MS }, () => {
  it('keeps every promise, whatever befalls it', () => {
    const totals = campaign({ from: 10_000, worldCount: WORLDS, serverCount: 1 }, replicaSpecies);
    expect(totals.failures).toEqual([]);
    expect(totals.operationCount / WORLDS).toBeGreaterThan(300);
    // What is rare is left to campaigns; most has to be there already.
    expect(neverSeen(totals, true).length).toBeLessThan(25);
  });

  it('lives the same life again from the same seed, and another one from another', () => {
    const seeds = [1, 2, 3, 4, 5];
    const hashes = seeds.map((seed) => run(planFrom(seed), replicaSpecies).hash);
    expect(seeds.map((seed) => run(planFrom(seed), replicaSpecies).hash)).toEqual(hashes);
    expect(new Set(hashes).size).toBe(seeds.length);
  });

  it('is not changed by being told of', () => {
    const lines: string[] = [];
    const told = run(planFrom(7), replicaSpecies, (line) => lines.push(line));
    expect(told.hash).toBe(run(planFrom(7), replicaSpecies).hash);
    expect(lines.length).toBeGreaterThan(5);
  });
});

const xidOf = (frame: Uint8Array): number => new DataView(frame.buffer).getInt32(4);
/** A greeting begins with the version of the protocol, which is zero. */
const isReply = (frame: Uint8Array): boolean => xidOf(frame) > 0;
const isEvent = (frame: Uint8Array): boolean => xidOf(frame) === Xid.Notification;

interface Wrong {
  readonly what: string;
  readonly checks: readonly Check[];
  mask(): Mask;
}

const wrongs: readonly Wrong[] = [
  {
    what: 'loses a write that it has acknowledged',
    checks: ['agreement', 'version order', 'world'],
    mask: () => {
      let appends = 0;
      return {
        doesDisk: ({ kind }) => {
          if (kind === 'append') appends += 1;
          return kind !== 'append' || appends % 9 !== 0;
        },
      };
    },
  },
  {
    what: 'answers out of order',
    checks: ['client'],
    mask: () => ({
      frames: (frames) => (frames.every(isReply) ? frames.reverse() : frames),
    }),
  },
  {
    what: 'tells of a change behind the answer that shows it',
    checks: ['watch'],
    mask: () => ({
      frames: (frames) => [...frames.filter((frame) => !isEvent(frame)), ...frames.filter(isEvent)],
    }),
  },
  {
    what: 'forgets a watch',
    checks: ['watch'],
    mask: () => ({ frames: (frames) => frames.filter((frame) => !isEvent(frame)) }),
  },
  {
    what: 'tells of the same change twice',
    checks: ['watch'],
    mask: () => ({
      frames: (frames) => frames.flatMap((frame) => (isEvent(frame) ? [frame, frame] : [frame])),
    }),
  },
  {
    what: 'ends sessions that live',
    checks: ['session'],
    mask: () => ({ haste: 7 }),
  },
  {
    what: 'answers as of another moment than it says',
    checks: ['version order', 'session'],
    mask: () => ({
      frames: (frames) => {
        for (const frame of frames) if (isReply(frame)) frame[15]! ^= 1;
        return frames;
      },
    }),
  },
];

/** The first seed with which one of the checks objects; null if none does. */
function foundBy(species: Species, checks: readonly Check[]): number | null {
  for (let seed = 1; seed <= SEEDS_TO_FIND; seed += 1) {
    const { violations } = run(planFrom(seed), species);
    if (violations.some(({ check }) => checks.includes(check))) return seed;
  }
  return null;
}

describe('a disk that', { timeout: PATIENCE_MS }, () => {
  it.each<[what: string, disk: Partial<DiskOptions>]>([
    ['does not sync its logs', { syncs: false }],
    ['does not sync its names', { syncsNames: false }],
    ['does not sync its snapshots', { syncsSnapshots: false }],
    ['lets count at a start what no sync has met', { syncsRecovered: false }],
  ])('%s is found', (_what, disk) => {
    const species: Species = { ...replicaSpecies, disk };
    expect(
      foundBy(species, ['agreement', 'version order', 'session', 'disk', 'world']),
    ).not.toBeNull();
  });
});

describe('a server that', { timeout: PATIENCE_MS }, () => {
  it.each(wrongs)('$what is found and told small', ({ checks, mask }) => {
    const species = masked(mask);
    const seed = foundBy(species, checks);
    expect(seed).not.toBeNull();
    const fails = (plan: Plan): boolean =>
      run(plan, species).violations.some(({ check }) => checks.includes(check));
    const plan = planFrom(seed!);
    const small = shrink(plan, fails, SHRINK_RUNS_MAX);
    expect(fails(small.plan)).toBe(true);
    expect(small.runCount).toBeLessThanOrEqual(SHRINK_RUNS_MAX);
    // None of these needs a fault to show.
    expect(small.plan.faults.length).toBeLessThanOrEqual(plan.faults.length / 4);
  });

  it('goes its own way beside another is found', () => {
    // Two servers, and nothing that would make them one.
    const plan: Plan = { ...planOf(3, { serverCount: 2 }), ensemble: null, faults: [] };
    const { violations } = run(plan, replicaSpecies);
    const disagreements = violations.filter(({ check }) => check === 'agreement');
    expect(disagreements[0]?.what).toMatch(/holds another transaction/);
  });
});
