/**
 * Observers fed by followers, as real processes: of two voters one follows, and it alone listens at
 * the port for observers, so one port does for all members of a machine.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../support/peers-process.ts';
import type { Product } from '../support/server.ts';
import { expectAgreement } from './agreement.ts';
import { Ensemble } from './ensemble.ts';

let ensemble: Ensemble | null = null;

afterEach(async () => {
  await ensemble?.end();
  ensemble = null;
});

const OBSERVER = 3;

describe('an observer fed by a follower', { timeout: 120_000 }, () => {
  it.each<[Product, Product]>([
    ['zabra', 'zabra'],
    ['zabra', 'apache39'],
    ['apache39', 'zabra'],
  ])('%s feeds %s, and goes on when the leader has changed', async (voter, observer) => {
    ensemble = await Ensemble.planned({
      members: [voter, voter],
      observers: [observer],
      settings: { observerMasterPort: await freePort() },
    });
    const three = ensemble;
    await three.start(1, 2);
    await three.write(1, '/before');
    await three.start(OBSERVER);
    const written = ['/before'];
    for (const id of [1, 2, OBSERVER]) {
      await three.write(id, `/of-${id}`);
      written.push(`/of-${id}`);
    }
    await expectAgreement(three, written);
    const leader = await three.leader();
    expect(await three.word(leader, 'mntr')).toMatch(/^zk_synced_observers\t0$/m);
    await three.kill(leader);
    await three.start(leader);
    await three.write(OBSERVER, '/after');
    await expectAgreement(three, [...written, '/after']);
  });
});
