/**
 * The first moments of a server: the time from spawning it on an empty directory until it answers
 * `srvr`, and the memory it holds a little later, when nobody has asked for anything.
 */

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, say } from './bench.ts';
import { withDirectory } from './directory.ts';
import { residentBytes } from './proc.ts';
import { ServerProcess } from './server-process.ts';
import type { Candidate } from './servers/candidate.ts';

const SETTLE_MS = 1500;

export interface StartRound {
  readonly startMs: number;
  readonly residentBytes: number;
}

export function runStarts(bench: Bench): Promise<ReadonlyMap<Candidate, readonly StartRound[]>> {
  return withDirectory('run', async (directory) => {
    const rounds = new Map<Candidate, StartRound[]>();
    // One more than is counted: the first start reads the programs from the disk.
    for (let round = -1; round < bench.options.startRounds; round++) {
      for (const candidate of bench.candidates) {
        const place = join(directory, `${candidate.role}-${round}`);
        const result = await startOnce(bench, candidate, place);
        if (round < 0) rounds.set(candidate, []);
        else rounds.get(candidate)?.push(result);
      }
    }
    return rounds;
  });
}

async function startOnce(
  bench: Bench,
  candidate: Candidate,
  directory: string,
): Promise<StartRound> {
  const prefix = bench.placement.serverPrefix;
  const server = await ServerProcess.start({ candidate, directory, prefix });
  const startMs = performance.now() - server.spawnedAt;
  try {
    await sleep(SETTLE_MS);
    say(`start, ${candidate.title}: ${startMs.toFixed(0)} ms`);
    return { startMs, residentBytes: residentBytes(server.pid) };
  } finally {
    await server.stop();
  }
}
