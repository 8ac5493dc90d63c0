/**
 * Many simulated worlds, as `npm run sim` lives through them: none may go wrong, a seed has one life,
 * and in full counts every fault, every trap and every edge has been there.
 */

import { describe, expect, test } from 'vitest';
import { repositoryRoot, run } from '../support/peers-cache.ts';
import { isFullCount } from '../support/server.ts';

const PATIENCE_MS = 3_600_000;
const ENSEMBLES = isFullCount() ? 10_000 : 500;
const SERVERS = isFullCount() ? 2000 : 200;

async function sim(...args: string[]): Promise<string> {
  const { stdout, stderr } = await run('node', ['packages/sim/bin/simulate.js', ...args], {
    cwd: repositoryRoot,
    timeoutMs: PATIENCE_MS,
    accept: [0, 1],
  });
  return stdout + stderr;
}

describe('in no world of', { timeout: PATIENCE_MS }, () => {
  test(`${ENSEMBLES} ensembles anything goes wrong`, async () => {
    const told = await sim('--seeds', `${ENSEMBLES}`, '--jobs', '2');
    expect(told).toContain(`${ENSEMBLES} worlds, 0 failed`);
    if (isFullCount()) expect(told).toContain('Every fault, failpoint and edge was there.');
  });

  test(`${SERVERS} servers alone anything goes wrong`, async () => {
    const told = await sim('--seeds', `${SERVERS}`, '--jobs', '2', '--servers', '1');
    expect(told).toContain(`${SERVERS} worlds, 0 failed`);
    if (isFullCount()) expect(told).toContain('Every fault, failpoint and edge was there.');
  });
});

test('a seed has one life, told or not', { timeout: PATIENCE_MS }, async () => {
  const hashOf = async (): Promise<string | undefined> =>
    /^trace hash ([0-9a-f]{16})$/m.exec(await sim('--seed', '77'))?.[1];
  const hash = await hashOf();
  expect(hash).toBeDefined();
  expect(await hashOf()).toBe(hash);
});
