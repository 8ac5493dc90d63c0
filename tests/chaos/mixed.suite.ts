/**
 * Ensembles of our servers and Apache's together, through what the ensembles of ours alone go
 * through. Three of Apache's are the control: what is found there is not ours.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { Ensemble } from '../ensemble/ensemble.ts';
import { isFullCount, type Product } from '../support/server.ts';
import { expectRight } from './expect-right.ts';
import { Hand } from './hand.ts';
import { strokesOf } from './strokes.ts';
import { Trial } from './trial.ts';
import { Worker } from './worker.ts';

const SEED = Number(process.env.ZABRA_SEED ?? Math.floor(Math.random() * 1e9));
/** Java takes its time to start. */
const SETTINGS = { initLimit: 20, syncLimit: 6, snapCount: 1000 };
const KILLS = isFullCount() ? Number(process.env.ZABRA_KILLS ?? 100) : 10;

const small: readonly (readonly Product[])[] = [['zabra', 'zabra', 'apache38']];
const full: readonly (readonly Product[])[] = [
  ['zabra', 'apache38', 'zabra'],
  ['apache38', 'zabra', 'apache38'],
  ['apache39', 'zabra', 'zabra'],
  ['zabra', 'apache39', 'apache39'],
  ['apache38', 'zabra', 'apache39'],
];
/** Found wanting, they would tell of Apache's servers and not of ours: these are only told of. */
const controls: readonly (readonly Product[])[] = [
  ['apache38', 'apache38', 'apache38'],
  ['apache39', 'apache39', 'apache39'],
];

let ensemble: Ensemble | null = null;

afterEach(async () => {
  await ensemble?.end();
  ensemble = null;
});

async function run(members: readonly Product[], name: string): Promise<void> {
  ensemble = await Ensemble.planned({ members, settings: SETTINGS });
  await ensemble.start(...ensemble.ids);
  const trial = Trial.begin(ensemble, { seed: SEED, people: 12, thinkMs: 150 });
  const workers = [await Worker.kazoo(ensemble), await Worker.curator(ensemble)];
  const hand = new Hand(ensemble, trial.record);
  await hand.strike(strokesOf(SEED, ensemble.ids.length), KILLS);
  const figures: Record<string, number> = { ...hand.counts };
  for (const worker of workers) {
    const { done, lost } = await worker.end();
    figures[`${worker.name} counted`] = done;
    figures[`${worker.name} lost its session`] = lost;
  }
  await expectRight(trial, name, figures);
}

describe('ours and Apache’s together', { timeout: 300_000 + KILLS * 30_000 }, () => {
  for (const members of isFullCount() ? [...small, ...full] : small) {
    const name = members.join(', ');
    it(`${name} lose nothing, and agree`, () => run(members, `${name}, ZABRA_SEED=${SEED}`));
  }

  for (const members of isFullCount() ? controls : []) {
    const name = members.join(', ');
    it(`the control, ${name}, is told of`, async () => {
      const found = await run(members, `${name}, ZABRA_SEED=${SEED}`).catch(
        (error: Error) => error,
      );
      if (found instanceof Error) console.log(`The control was found wanting. ${found.message}`);
      expect(ensemble).not.toBeNull();
    });
  }
});
