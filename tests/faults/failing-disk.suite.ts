/**
 * A disk that fails under load. The first failed sync or write of the log is final, even when the
 * disk would take the next one: what the page cache holds after a failed sync is anybody's guess.
 * After a restart on a healthy disk everything acknowledged is there.
 */
import { rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { runChain } from '../recovery/chain.ts';
import { isFullCount, type ServerProcess, temporaryDirectory } from '../support/server.ts';
import { type Fault, FaultShim } from './fault-shim.ts';
import { expectStopped } from './stopped.ts';

const ROUNDS = isFullCount() ? 10 : 2;
const TIMEOUT_MS = 120_000;

interface Case {
  readonly name: string;
  readonly fault: Fault;
  readonly sentence: RegExp;
}

const inputOutput = /input\/output error|\bEIO\b/i;

const cases: readonly Case[] = [
  { name: 'every sync fails', fault: { calls: 'sync', errno: 'EIO' }, sentence: inputOutput },
  {
    name: 'one sync fails and the next would succeed',
    fault: { calls: 'sync', errno: 'EIO', count: 1 },
    sentence: inputOutput,
  },
  { name: 'every write fails', fault: { calls: 'write', errno: 'EIO' }, sentence: inputOutput },
  {
    name: 'one write fails and the next would succeed',
    fault: { calls: 'write', errno: 'EIO', count: 1 },
    sentence: inputOutput,
  },
  {
    name: 'the disk is full',
    fault: { calls: 'write', errno: 'ENOSPC' },
    sentence: /no space left|full/i,
  },
  {
    name: 'the quota of the user is used up',
    fault: { calls: 'write', errno: 'EDQUOT' },
    sentence: /quota/i,
  },
  {
    name: 'the disk has become read-only',
    fault: { calls: 'write', errno: 'EROFS' },
    sentence: /read-only/i,
  },
];

describe('a disk that fails under load', () => {
  for (const { name, fault, sentence } of cases) {
    it(name, { timeout: TIMEOUT_MS }, async (ctx) => {
      const directory = await temporaryDirectory('failing-disk');
      const shim = FaultShim.build(directory);
      if (!shim) {
        ctx.skip('a C compiler is missing');
        return;
      }
      const strike = async (server: ServerProcess): Promise<void> => {
        await shim.arm(fault);
        await expectStopped(server, sentence);
        await shim.disarm();
      };
      const server = { directory, environment: shim.environment };
      const report = await runChain({ seed: 7, rounds: ROUNDS, server, strike });
      expect(report.problems, `the history is kept in ${directory}`).toEqual([]);
      await rm(directory, { recursive: true });
    });
  }
});
