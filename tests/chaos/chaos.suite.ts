/**
 * Ensembles of real processes to which everything happens that a machine can do to a process, while
 * many clients work on all of them. `ZABRA_SEED` says what befalls them; it is printed where it was
 * drawn. `ZABRA_KEPT` is the place of a history that was kept, to be judged again.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { Ensemble, type EnsemblePlan } from '../ensemble/ensemble.ts';
import { isFullCount } from '../support/server.ts';
import { expectRight } from './expect-right.ts';
import { Hand } from './hand.ts';
import { judge, readEvidence } from './judge.ts';
import { strokesOf } from './strokes.ts';
import { TICK_MS, Trial, told } from './trial.ts';

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

/** Judges a history again that was kept when its judgement found something. */
const KEPT = process.env.ZABRA_KEPT;
if (KEPT !== undefined) {
  it('a history that was kept', { timeout: 600_000 }, async () => {
    const verdict = judge(await readEvidence(KEPT, TICK_MS));
    console.log(JSON.stringify(verdict.figures));
    expect(told(verdict)).toBe('');
  });
}

describe('killed, paused and restarted', () => {
  for (const [place, { name, plan, killsSmall }] of topologies.entries()) {
    const seed = SEED + place;
    const kills = isFullCount() ? KILLS_FULL : killsSmall;
    it(`${name} lose nothing, and agree`, { timeout: 240_000 + kills * 20_000 }, async () => {
      ensemble = await Ensemble.planned({ ...plan, settings: SETTINGS });
      await ensemble.start(...ensemble.ids);
      const trial = Trial.begin(ensemble, { seed, people: PEOPLE, thinkMs: 100 });
      const hand = new Hand(ensemble, trial.record);
      await hand.strike(strokesOf(seed, ensemble.ids.length), kills);
      await expectRight(trial, `${name}, ZABRA_SEED=${SEED}`, hand.counts);
    });
  }
});
