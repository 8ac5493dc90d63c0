/** Votes that do not count alike: who has no weight is heard and never needed. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Product } from '../support/server.ts';
import { expectAgreement, expectRoles } from './agreement.ts';
import { Ensemble } from './ensemble.ts';

const PATIENCE = { timeout: 30_000, interval: 100 };

let ensemble: Ensemble | null = null;

afterEach(async () => {
  await ensemble?.end();
  ensemble = null;
});

describe('a group with weights', { timeout: 180_000 }, () => {
  it.each([
    ['ours', ['zabra', 'zabra', 'zabra']],
    ['one of Apache’s among ours', ['zabra', 'apache38', 'zabra']],
  ] as readonly (readonly [string, readonly Product[]])[])('%s', async (_, members) => {
    ensemble = await Ensemble.planned({
      members,
      settings: { 'group.1': '1:2:3', 'weight.1': 1, 'weight.2': 1, 'weight.3': 0 },
    });
    const three = ensemble;
    await three.start(1, 2, 3);
    await expectRoles(three, 2, PATIENCE);
    await three.write(3, '/all');
    await three.kill(3);
    await three.write(1, '/without-the-third');
    await three.start(3);
    await three.kill(2);
    for (const id of [1, 3]) {
      await expect.poll(() => three.roleOf(id), PATIENCE).toBe('not serving');
    }
    await three.start(2);
    await expectRoles(three, 2, PATIENCE);
    await three.write(3, '/again');
    await expectAgreement(three, ['/all', '/without-the-third', '/again']);
  });
});
