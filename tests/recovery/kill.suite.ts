/**
 * Kills the server under mixed load, again and again on one directory, and holds every restart to
 * what was acknowledged: nothing lost, nothing half done, no number given twice, every session
 * either whole or gone. A chain on a damaged log shows that the check can fail.
 */
import { rm, truncate } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readLogs } from '../support/raw-log.ts';
import { isFullCount, temporaryDirectory } from '../support/server.ts';
import { type Remains, runChain } from './chain.ts';

const ROUNDS = 10;
const CHAINS = isFullCount() ? 20 : 2;
const CHAIN_TIMEOUT_MS = 180_000;
const FIRST_SEED = 1000;
const RECORDS_TORN_OFF = 40n;

/** Snapshots and new logs every few hundred transactions in one, hardly ever in the other. */
const kinds = [
  { name: 'frequent snapshots', settings: { snapCount: 300 } },
  { name: 'one long log', settings: { preAllocSize: 1024 } },
];

describe('kill -9 under load', () => {
  for (let chain = 0; chain < CHAINS; chain += 1) {
    const seed = FIRST_SEED + chain;
    const { name, settings } = kinds[chain % kinds.length] ?? { name: 'defaults', settings: {} };
    it(`seed ${seed}: ${ROUNDS} kills with ${name}`, { timeout: CHAIN_TIMEOUT_MS }, async () => {
      const directory = await temporaryDirectory('kill');
      const report = await runChain({ seed, rounds: ROUNDS, server: { directory, settings } });
      expect(report.problems, `the history is kept in ${directory}`).toEqual([]);
      expect(report.acknowledged).toBeGreaterThan(ROUNDS * 50);
      await rm(directory, { recursive: true });
    });
  }

  it('a log that lost its last records is noticed', { timeout: CHAIN_TIMEOUT_MS }, async () => {
    const directory = await temporaryDirectory('torn');
    const betweenLives = async ({ dataDir, answeredZxid }: Remains): Promise<void> => {
      // Behind the last answered transaction lie others, safe on disk and not yet answered.
      const firstLost = answeredZxid - RECORDS_TORN_OFF;
      const log = (await readLogs(dataDir)).find(({ records }) => records.length > 0);
      const cut = log?.records.find(({ zxid }) => zxid === firstLost);
      if (log === undefined || cut === undefined) throw new Error('no log is long enough to cut');
      await truncate(log.path, cut.start);
    };
    const report = await runChain({ seed: 1, rounds: 1, server: { directory }, betweenLives });
    expect(report.problems.join('\n')).toContain('no prefix fits');
    await rm(directory, { recursive: true });
  });
});
