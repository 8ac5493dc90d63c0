/**
 * Clients that mean harm. Whatever they do, the server lives, keeps within 64 MiB of the memory it
 * had, goes on answering others, rids itself of their connections, and can be started again from
 * what it has on disk. With full counts, others are also answered at most twice as slowly as before
 * (or within 5 ms, which is noise).
 */
import { describe, it } from 'vitest';
import { isFullCount, productUnderTest } from '../support/server.ts';
import { connectionAttacks } from './attacks-connections.ts';
import { outputAttacks } from './attacks-output.ts';
import { requestAttacks } from './attacks-requests.ts';
import { type Attack, withstand } from './measure.ts';
import { sendMutated } from './mutated-traffic.ts';

const MUTATED_FRAMES = isFullCount() ? 200_000 : 5000;
const TIMEOUT_MS = isFullCount() ? 1_800_000 : 300_000;
const SEED = 20_260;

const mutation: Attack = {
  name: `${MUTATED_FRAMES} mutated frames`,
  run: (target) => sendMutated(target, MUTATED_FRAMES),
};

const attacks = [mutation, ...connectionAttacks, ...requestAttacks, ...outputAttacks];

describe('a hostile client', () => {
  for (const [index, attack] of attacks.entries()) {
    it(attack.name, { timeout: TIMEOUT_MS }, async (ctx) => {
      if (attack.harmsApache && productUnderTest() !== 'zabra') ctx.skip(attack.harmsApache);
      await withstand(attack, SEED + index);
    });
  }
});
