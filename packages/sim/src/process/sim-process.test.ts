import { describe, expect, it } from 'vitest';
import { Ledger } from '../faults/ledger.ts';
import { type Plan, planOf } from '../run/plan.ts';
import { run } from '../run/run.ts';
import { type Gossip, gossips } from '../testing/gossips.ts';

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
