/**
 * Disks and limits of the operating system that run out under load: a file system without room, and
 * a limit on the size of a file. The server stops and says why; with room again it has everything.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runChain } from '../recovery/chain.ts';
import { isFullCount, type ServerProcess, temporaryDirectory } from '../support/server.ts';
import { SmallDisk } from './small-disk.ts';
import { expectStopped } from './stopped.ts';

const ROUNDS = isFullCount() ? 10 : 2;
const TIMEOUT_MS = 120_000;
const SMALL_KIB = 512;
const ROOMY_KIB = 256 * 1024;
const FILE_BYTES_MAX = 600_000;

describe('what runs out under load', () => {
  it('a file system without room', { timeout: TIMEOUT_MS }, async (ctx) => {
    const directory = await temporaryDirectory('full-disk');
    const disk = await SmallDisk.mount(join(directory, 'disk'), SMALL_KIB);
    if (!disk) {
      ctx.skip('mounting a file system is not permitted');
      return;
    }
    let sizeKiB = SMALL_KIB;
    const strike = async (server: ServerProcess): Promise<void> => {
      await expectStopped(server, /no space left|full/i);
      // Room for the restart, which takes a snapshot, and for a little of the next round.
      sizeKiB += SMALL_KIB;
      disk.resize(sizeKiB);
    };
    try {
      const server = { directory, dataDir: disk.path };
      const report = await runChain({ seed: 11, rounds: ROUNDS, server, strike });
      expect(report.problems, `the history is kept in ${directory}`).toEqual([]);
      disk.resize(ROOMY_KIB);
    } finally {
      disk.unmount();
    }
    await rm(directory, { recursive: true });
  });

  it('the largest file a process may write', { timeout: TIMEOUT_MS }, async () => {
    const directory = await temporaryDirectory('file-limit');
    const strike = async (server: ServerProcess): Promise<void> => {
      await expectStopped(server, /too (large|big)|\bEFBIG\b|only \d+ of \d+ bytes/i);
    };
    const server = { directory, wrapper: ['prlimit', `--fsize=${FILE_BYTES_MAX}`] };
    const report = await runChain({ seed: 12, rounds: ROUNDS, server, strike });
    expect(report.problems, `the history is kept in ${directory}`).toEqual([]);
    await rm(directory, { recursive: true });
  });
});
