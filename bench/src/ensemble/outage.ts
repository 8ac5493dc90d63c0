/**
 * For how long nobody can write when the leader is gone: killed, so that its sockets tell, or stopped,
 * so that only its silence does. Clients write on the other servers all the while; the outage is the
 * longest time without an answer to any of them.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, say } from '../bench.ts';
import { withDirectory } from '../directory.ts';
import type { Candidate } from '../servers/candidate.ts';
import { EnsembleProcess } from './ensemble-process.ts';
import { WriteProbe } from './write-probe.ts';

const BEFORE_MS = 1000;
const AFTER_MS = 1000;
/** What is answered so soon after the end may still be the old leader's doing. */
const SETTLE_MS = 50;
/** Until writes are answered again. */
const PATIENCE_MS = 60_000;

const TICK_MS = 2000;
/** Shorter than usual, so that rounds end in time; it is the same for everybody. */
const SILENCE_TICKS = 2;
export const SILENCE_MS: number = TICK_MS * SILENCE_TICKS;

type End = 'killed' | 'silent';

export function runOutages(
  bench: Bench,
  end: End,
): Promise<ReadonlyMap<Candidate, readonly number[]>> {
  return withDirectory('run', async (directory) => {
    const rounds = new Map<Candidate, number[]>();
    for (let round = 0; round < bench.options.outageRounds; round += 1) {
      for (const candidate of bench.candidates) {
        if (candidate.role === 'limit') continue;
        const place = join(directory, `${candidate.role}-${round}`);
        const outageMs = await outageOf(bench, candidate, place, end);
        say(`leader ${end}, round ${round + 1}, ${candidate.title}: ${outageMs.toFixed(0)} ms`);
        rounds.set(candidate, [...(rounds.get(candidate) ?? []), outageMs]);
      }
    }
    return rounds;
  });
}

async function outageOf(
  bench: Bench,
  candidate: Candidate,
  directory: string,
  end: End,
): Promise<number> {
  const prefix = bench.placement.serverPrefix;
  const limits = end === 'silent' ? { syncLimit: SILENCE_TICKS } : {};
  const ensemble = await EnsembleProcess.start({ candidate, directory, prefix, ...limits });
  const leader = await ensemble.leader();
  const others = ensemble.members.filter((member) => member !== leader);
  const probes = others.map(({ port }) => new WriteProbe(port));
  try {
    await Promise.all(probes.map((probe) => probe.begin()));
    await sleep(BEFORE_MS);
    const endedAt = performance.now();
    leader.signal(end === 'killed' ? 'SIGKILL' : 'SIGSTOP');
    await untilAnswered(probes, endedAt);
    await sleep(AFTER_MS);
    return longestGap(probes.flatMap(({ answeredAt }) => answeredAt));
  } finally {
    for (const probe of probes) probe.end();
    await ensemble.kill();
  }
}

async function untilAnswered(probes: readonly WriteProbe[], endedAt: number): Promise<void> {
  const from = endedAt + SETTLE_MS;
  const deadline = endedAt + PATIENCE_MS;
  const isAnswered = (): boolean =>
    probes.some(({ answeredAt }) => (answeredAt.at(-1) ?? 0) > from);
  while (!isAnswered()) {
    if (performance.now() > deadline) throw new Error('nobody could write any more');
    await sleep(10);
  }
}

export function longestGap(moments: readonly number[]): number {
  const sorted = moments.toSorted((a, b) => a - b);
  return sorted.reduce((longest, at, i) => Math.max(longest, at - (sorted[i - 1] ?? at)), 0);
}
