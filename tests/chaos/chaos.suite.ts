/**
 * Ensembles of real processes to which everything happens that a machine can do to a process, while
 * many clients work on all of them. `ZABRA_SEED` says what befalls them; it is printed where it was
 * drawn.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { Ensemble, type EnsemblePlan } from '../ensemble/ensemble.ts';
import { isFullCount } from '../support/server.ts';
import { Hand } from './hand.ts';
import { strokesOf } from './strokes.ts';
import { Trial, told } from './trial.ts';

const SEED = Number(process.env.ZABRA_SEED ?? Math.floor(Math.random() * 1e9));
const SETTINGS = { initLimit: 10, syncLimit: 4, snapCount: 1000 };

interface Topology {
  readonly name: string;
  readonly plan: EnsemblePlan;
  /** In all of CI ten. */
  readonly killsSmall: number;
}

const topologies: readonly Topology[] = [
  { name: 'three members', plan: { members: ['zabra', 'zabra', 'zabra'] }, killsSmall: 4 },
  {
    name: 'five members',
    plan: { members: ['zabra', 'zabra', 'zabra', 'zabra', 'zabra'] },
    killsSmall: 3,
  },
  {
    name: 'three members and two observers',
    plan: { members: ['zabra', 'zabra', 'zabra'], observers: ['zabra', 'zabra'] },
    killsSmall: 3,
  },
];
const KILLS_FULL = Number(process.env.ZABRA_KILLS ?? 100);
const PEOPLE = isFullCount() ? 24 : 12;

let ensemble: Ensemble | null = null;

afterEach(async () => {
  await ensemble?.end();
  ensemble = null;
});

describe('killed, paused and restarted', () => {
  for (const { name, plan, killsSmall } of topologies) {
    const kills = isFullCount() ? KILLS_FULL : killsSmall;
    it(`${name} lose nothing, and agree`, { timeout: 240_000 + kills * 20_000 }, async () => {
      ensemble = await Ensemble.planned({ ...plan, settings: SETTINGS });
      await ensemble.start(...ensemble.ids);
      const trial = Trial.begin(ensemble, { seed: SEED, people: PEOPLE, thinkMs: 100 });
      const hand = new Hand(ensemble, trial.record);
      await hand.strike(strokesOf(SEED, ensemble.ids.length), kills);
      const verdict = await trial.end();
      console.log(`${name}, seed ${SEED}:`, JSON.stringify({ ...hand.counts, ...verdict.figures }));
      if (verdict.violations.length === 0) return;
      const kept = await trial.keep('chaos');
      expect.fail(`ZABRA_SEED=${SEED}, all files are in ${kept}:\n${told(verdict)}`);
    });
  }
});
