import { describe, expect, it } from 'vitest';
import { SimDisk } from '../disk.ts';
import { Ledger } from '../faults/ledger.ts';
import { Network } from '../network/network.ts';
import { type Plan, planOf } from '../run/plan.ts';
import { run } from '../run/run.ts';
import { type Gossip, gossips } from '../testing/gossips.ts';
import { Clock } from '../time/clock.ts';
import { Random } from '../time/random.ts';
import { Scheduler } from '../time/scheduler.ts';
import { Trace } from '../trace.ts';
import type { Actor } from './actor.ts';
import type { Strike } from './interruption.ts';
import { SimProcess } from './sim-process.ts';

const SEEDS = 150;

/** Several machines, no clients, and all the faults of ensembles. */
const planFrom = (seed: number): Plan => ({
  ...planOf(seed, { serverCount: 3 }),
  ensemble: null,
  clientCount: 0,
});

/** Clients have no part in it. */
function amongServers(plan: Plan): Plan {
  const isOurs = (id: string): boolean => !id.startsWith('F-C') && !/^F-N1[128]$/.test(id);
  return { ...plan, faults: plan.faults.filter(({ id }) => isOurs(id)) };
}

describe('machines that call each other', { timeout: 60_000 }, () => {
  it('hear every byte of a link in its order, and live through everything', () => {
    const account: Gossip = { heard: 0, written: 0, dialed: 0 };
    const ledger = new Ledger();
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const report = run(amongServers(planFrom(seed)), gossips(account));
      expect(report.violations.map(({ what }) => `seed ${seed}: ${what}`)).toEqual([]);
      ledger.add(report.ledger);
    }
    expect(account.heard).toBeGreaterThan(SEEDS * 500);
    expect(account.written).toBeGreaterThan(SEEDS * 20);
    expect(account.dialed).toBeGreaterThan(SEEDS * 3);
    expect(ledger.missing(['F-N07', 'F-N14', 'F-P11', 'F-D10', 'F-D11'])).toEqual([]);
  });

  it('live the same life again from the same seed', () => {
    const lives = [1, 2].map(() => {
      const species = gossips({ heard: 0, written: 0, dialed: 0 });
      return run(amongServers(planFrom(9)), species).hash;
    });
    expect(lives[0]).toBe(lives[1]);
  });
});

/** What a mind takes in, and what onlookers are told of it, where the first of three things is struck. */
function takenIn(strike: Strike): { heard: number[]; told: number[] } {
  const heard: number[] = [];
  const told: number[] = [];
  const nothing = (): void => {};
  const mind: Actor = {
    begin: nothing,
    accepted: nothing,
    dialed: nothing,
    dialFailed: nothing,
    received: (link) => heard.push(link),
    ended: nothing,
    closed: nothing,
    flushed: nothing,
    diskAnswered: nothing,
    diskFailed: nothing,
    drain: nothing,
    turn: nothing,
    take: nothing,
    wakeAt: () => Number.POSITIVE_INFINITY,
    standing: null,
  };
  const scheduler = new Scheduler(Random.of(1));
  const weather = { latencyMs: 1, jitterMs: 0, chunking: 'whole', bufferBytes: 512 } as const;
  const process: SimProcess = new SimProcess(0, {
    network: new Network(1, weather, scheduler, Random.of(2), { wake: nothing }),
    scheduler,
    trace: new Trace(null),
    clock: new Clock(1000),
    disk: new SimDisk({ snapshotsKept: 3 }),
    random: Random.of(3),
    pace: { turnMs: 1, diskMs: 1, restartMs: 1 },
    beget: () => mind,
    onlookers: [
      {
        received: (_host, link) => {
          told.push(link);
          if (told.length === 1) process.interrupt(strike);
        },
      },
    ],
  });
  process.start();
  for (const link of [1, 3, 5]) process.onReceived(link, new Uint8Array(4));
  return { heard, told };
}

describe('who looks on at a process that something befalls', () => {
  const strike: Strike = { why: 'struck', isBehind: true, survival: null, stallMs: null };

  it('hears of all that one takes in that is only stopped', () => {
    const all = [1, 3, 5];
    expect(takenIn({ ...strike, stallMs: 10 })).toEqual({ heard: all, told: all });
  });

  it('hears of nothing that one does not take in which dies', () => {
    expect(takenIn(strike)).toEqual({ heard: [1], told: [1] });
    expect(takenIn({ ...strike, isBehind: false })).toEqual({ heard: [], told: [1] });
  });
});
