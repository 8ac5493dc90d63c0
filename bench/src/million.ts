/**
 * A server with a million znodes: what each of them costs in memory, how writes fare while a
 * snapshot of all of them is being taken, and how long the server is away when it is killed.
 *
 * It is killed, not stopped, before the restart: nobody gets to prepare.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, say } from './bench.ts';
import { withDirectory } from './directory.ts';
import type { Measurement } from './generator.ts';
import { driveServer, fill } from './load-rounds.ts';
import { type LoopStats, readLoopStats } from './loop-stats.ts';
import { waitUntilRead } from './probe.ts';
import { residentBytes } from './proc.ts';
import { createScript, growScript, writeScript } from './script.ts';
import { ServerProcess } from './server-process.ts';
import type { Candidate } from './servers/candidate.ts';

const PARENT = '/million';
const PARENT_COUNT = 1000;
const SETTLE_MS = 3000;
/** Long enough for several snapshots of the whole tree. */
const SNAPSHOT_SECONDS = 10;

const parents: readonly string[] = Array.from(
  { length: PARENT_COUNT },
  (_, i) => `${PARENT}/p${String(i).padStart(3, '0')}`,
);

/** Names of twelve bytes: `n-` and the ten digits the server adds. */
const knownNodes: readonly string[] = parents.map((parent) => `${parent}/n-0000000000`);

export interface MillionRound {
  readonly znodeBytes: number;
  readonly restartMs: number;
  readonly writes: Measurement;
  /** Snapshots begun while the writes ran. */
  readonly snapshots: number;
  readonly loop: LoopStats | undefined;
}

export function runMillion(bench: Bench): Promise<ReadonlyMap<Candidate, readonly MillionRound[]>> {
  return withDirectory('run', async (directory) => {
    const rounds = new Map<Candidate, MillionRound[]>();
    const durable = bench.candidates.filter((candidate) => candidate.isDurable);
    for (const candidate of durable) rounds.set(candidate, []);
    for (let round = 0; round < bench.options.rounds; round++) {
      for (const candidate of durable) {
        const place = join(directory, `${candidate.role}-${round}`);
        rounds.get(candidate)?.push(await liveOnce(bench, candidate, place));
      }
    }
    return rounds;
  });
}

async function liveOnce(
  bench: Bench,
  candidate: Candidate,
  directory: string,
): Promise<MillionRound> {
  const start = {
    candidate,
    directory,
    prefix: bench.placement.serverPrefix,
    env: { ZABRA_LOOP_STATS: '1' },
  };
  const server = await ServerProcess.start(start);
  let measured: Omit<MillionRound, 'restartMs'>;
  try {
    const znodeBytes = await populate(bench, server);
    say(`million, ${candidate.title}: ${znodeBytes.toFixed(0)} bytes per znode`);
    measured = { znodeBytes, ...(await writeUnderSnapshots(bench, server)) };
  } finally {
    await server.kill();
  }
  const again = await ServerProcess.spawn(start);
  try {
    await waitUntilRead(again.port, knownNodes[0]!, () => again.isRunning);
    const restartMs = performance.now() - again.spawnedAt;
    say(`million, ${candidate.title}: back after ${restartMs.toFixed(0)} ms`);
    return { ...measured, restartMs };
  } finally {
    await again.kill();
  }
}

async function populate(bench: Bench, server: ServerProcess): Promise<number> {
  const { znodes } = bench.options;
  await sleep(SETTLE_MS);
  const before = residentBytes(server.pid);
  await fill(bench, server, createScript([PARENT]));
  await fill(bench, server, createScript(parents));
  await fill(bench, server, growScript(parents, PARENT_COUNT), znodes);
  await sleep(SETTLE_MS);
  return (residentBytes(server.pid) - before) / znodes;
}

async function writeUnderSnapshots(
  bench: Bench,
  server: ServerProcess,
): Promise<Pick<MillionRound, 'writes' | 'snapshots' | 'loop'>> {
  const isSubject = server.candidate.role === 'subject';
  const before = await snapshotNames(server);
  // Asked for and thrown away, so that what comes next is about the writes alone.
  if (isSubject) await readLoopStats(server);
  const writes = await driveServer(bench, server, {
    connections: 10,
    window: 100,
    durationMs: SNAPSHOT_SECONDS * 1000,
    script: writeScript(knownNodes),
  });
  const loop = isSubject ? await readLoopStats(server) : undefined;
  const after = await snapshotNames(server);
  const snapshots = after.filter((name) => !before.includes(name)).length;
  say(`million, ${server.candidate.title}: ${snapshots} snapshots under load`);
  return { writes, snapshots, loop };
}

async function snapshotNames(server: ServerProcess): Promise<string[]> {
  const names = await readdir(join(server.directory, 'data', 'version-2'));
  return names.filter((name) => name.startsWith('snapshot.'));
}
