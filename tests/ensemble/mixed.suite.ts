/** Two members of ours and one of Apache's: either kind leads, and nobody can tell them apart. */
import { afterEach, describe, expect, it } from 'vitest';
import { isFullCount } from '../support/server.ts';
import { expectAgreement, expectRoles } from './agreement.ts';
import { Ensemble } from './ensemble.ts';

const ROUNDS = isFullCount() ? 8 : 2;

let ensemble: Ensemble | null = null;

afterEach(async () => {
  await ensemble?.end();
  ensemble = null;
});

describe('two of ours and one of Apache’s', { timeout: 120_000 + ROUNDS * 60_000 }, () => {
  // With nothing to tell votes apart, the highest id of the first two leads.
  it.each([
    ['ours leads first', ['apache38', 'zabra', 'zabra'], 'zabra'],
    ['theirs leads first', ['zabra', 'zabra', 'apache38'], 'apache38'],
  ] as const)('%s, and when it dies the others go on', async (_, products, first) => {
    ensemble = await Ensemble.of(...products);
    const three = ensemble;
    await three.start(1, 3);
    await three.start(2);
    await expectRoles(three, 2);
    expect(three.productOf(await three.leader())).toBe(first);
    const written: string[] = [];
    const writeEverywhere = async (name: string): Promise<void> => {
      for (const id of three.running) {
        for (let i = 0; i < 5; i += 1) {
          const path = `/${name}-${id}-${i}`;
          await three.write(id, path);
          written.push(path);
        }
      }
    };
    await writeEverywhere('first');
    await expectAgreement(three, written);
    for (let round = 1; round <= ROUNDS; round += 1) {
      const leader = await three.leader();
      await three.kill(leader);
      await expectRoles(three, 1);
      await writeEverywhere(`without-${leader}-${round}`);
      await three.start(leader);
      await expectRoles(three, 2);
      await writeEverywhere(`with-${leader}-${round}`);
      await expectAgreement(three, written);
    }
  });
});
