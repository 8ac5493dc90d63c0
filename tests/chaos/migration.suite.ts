/**
 * Three of Apache's servers become three of ours, one at a time, on the directories they have, while
 * clients work on them; and back again. Unmodified applications on kazoo and Curator work throughout
 * and must not notice more than that a server was restarted.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { expectRoles } from '../ensemble/agreement.ts';
import { Ensemble } from '../ensemble/ensemble.ts';
import { isFullCount, type Product } from '../support/server.ts';
import { expectRight } from './expect-right.ts';
import { Trial } from './trial.ts';
import { Worker } from './worker.ts';

const SEED = Number(process.env.ZABRA_SEED ?? Math.floor(Math.random() * 1e9));
const SETTINGS = { initLimit: 20, syncLimit: 6, snapCount: 1000 };
const PATIENCE = { timeout: 60_000, interval: 200 };

let ensemble: Ensemble | null = null;

afterEach(async () => {
  await ensemble?.end();
  ensemble = null;
});

/** Followers first and the leader last, as an operator would. */
async function migrate(three: Ensemble, product: Product, trial: Trial): Promise<void> {
  const leader = await three.leader();
  for (const id of [...three.ids.filter((one) => one !== leader), leader]) {
    trial.record.note({ kind: 'stroke', what: `becomes ${product}`, members: [id] });
    await three.stop(id);
    three.become(id, product);
    await three.start(id);
    await expectRoles(three, 2, PATIENCE);
    await written(trial);
  }
}

/** Writes go on to be acknowledged. */
async function written(trial: Trial): Promise<void> {
  const sinceMs = Date.now();
  const newest = (): number => Math.max(...trial.people.map(({ wroteMs }) => wroteMs));
  await expect.poll(newest, PATIENCE).toBeGreaterThan(sinceMs);
}

describe('a live ensemble of Apache’s', { timeout: 600_000 }, () => {
  const products: readonly Product[] = isFullCount() ? ['apache38', 'apache39'] : ['apache38'];
  for (const product of products) {
    it(`of ${product} becomes ours and theirs again`, async () => {
      ensemble = await Ensemble.planned({
        members: [product, product, product],
        settings: SETTINGS,
      });
      await ensemble.start(...ensemble.ids);
      const trial = Trial.begin(ensemble, { seed: SEED, people: 10, thinkMs: 150 });
      const workers = [await Worker.kazoo(ensemble), await Worker.curator(ensemble)];
      await written(trial);
      await migrate(ensemble, 'zabra', trial);
      await migrate(ensemble, product, trial);
      const figures: Record<string, number> = {};
      for (const worker of workers) {
        const { done, lost } = await worker.end();
        figures[`${worker.name} counted`] = done;
        expect(lost, `${worker.name} lost its session`).toBe(0);
      }
      await expectRight(trial, `${product} and back, ZABRA_SEED=${SEED}`, figures);
    });
  }
});
