/**
 * Plays a load workload: all servers fresh, filled and warmed up, then measured in turns, so that
 * a slow minute of the machine falls on all of them. A server that is not being measured is idle.
 */
import { join } from 'node:path';
import { type Bench, say } from './bench.ts';
import { withDirectory } from './directory.ts';
import { drive, type LoadOptions, type Measurement } from './generator.ts';
import { residentBytes } from './proc.ts';
import { createScript, type Script } from './script.ts';
import { ServerProcess } from './server-process.ts';
import type { Candidate } from './servers/candidate.ts';
import { growParent, KEYS_PARENT, keys, type LoadWorkload } from './workloads.ts';

/** Runs before every window, so that none of them begins with a cold start. */
const LEAD_MS = 300;
/** The longest that a given number of operations may take. */
const FILL_MAX_MS = 300_000;

/** What load is put on: a server, or members of an ensemble. */
export interface Target {
  readonly candidate: Candidate;
  readonly ports: readonly number[];
  /** Whose CPU time and memory count. */
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

export type Starting = (bench: Bench, candidate: Candidate, directory: string) => Promise<Target>;

export interface Round extends Measurement {
  readonly residentBytes: number;
}

export type Rounds = ReadonlyMap<Candidate, readonly Round[]>;

export function runRounds(
  bench: Bench,
  workload: LoadWorkload,
  start: Starting = startFilled,
): Promise<Rounds> {
  return withDirectory('run', async (directory) => {
    const servers: Target[] = [];
    const rounds = new Map<Candidate, Round[]>();
    try {
      for (const candidate of bench.candidates) {
        if (candidate.role === 'limit' && !workload.hasLimit) continue;
        servers.push(await start(bench, candidate, directory));
        rounds.set(candidate, []);
      }
      for (const server of servers) await warmUp(bench, workload, server);
      for (let round = 0; round < bench.options.rounds; round++) {
        for (const server of servers) {
          rounds.get(server.candidate)?.push(await playRound(bench, workload, server, round));
        }
      }
      return rounds;
    } finally {
      for (const server of servers) await server.stop();
    }
  });
}

/** Starts a server and gives it the nodes that the scripts read and write. */
export async function startFilled(
  bench: Bench,
  candidate: Candidate,
  parent: string,
): Promise<ServerProcess> {
  const directory = join(parent, candidate.role);
  const prefix = bench.placement.serverPrefix;
  const server = await ServerProcess.start({ candidate, directory, prefix });
  try {
    await fillKeys(bench, server);
  } catch (error) {
    await server.kill();
    throw error;
  }
  return server;
}

export async function fillKeys(bench: Bench, server: Target): Promise<void> {
  await fill(bench, server, createScript([KEYS_PARENT]));
  await fill(bench, server, createScript(keys));
}

/** Plays a script once, or for the given number of operations. */
export function fill(
  bench: Bench,
  server: Target,
  script: Script,
  operations: number = script.length,
): Promise<Measurement> {
  return driveServer(bench, server, {
    connections: 1,
    window: Math.min(operations, 1000),
    durationMs: FILL_MAX_MS,
    operations,
    script,
  });
}

export function driveServer(
  bench: Bench,
  server: Target,
  load: Omit<LoadOptions, 'ports' | 'serverPids'>,
): Promise<Measurement> {
  const options = { ...load, ports: server.ports, serverPids: server.pids };
  return drive(bench.generator, options, bench.placement.generatorPrefix);
}

export async function warmUp(bench: Bench, workload: LoadWorkload, server: Target): Promise<void> {
  await playWindow(bench, workload, server, -1, bench.options.warmupSeconds);
}

async function playRound(
  bench: Bench,
  workload: LoadWorkload,
  server: Target,
  round: number,
): Promise<Round> {
  const measurement = await playWindow(bench, workload, server, round, bench.options.seconds);
  const { perSecond, latency } = measurement;
  const result =
    workload.shows === 'rate'
      ? `${Math.round(perSecond)} per second`
      : `p50 ${latency.p50Us.toFixed(0)} µs`;
  say(`${workload.id}, round ${round + 1}, ${server.candidate.title}: ${result}`);
  return { ...measurement, residentBytes: residentOf(server) };
}

function residentOf({ pids }: Target): number {
  return pids.reduce((sum, pid) => sum + residentBytes(pid), 0);
}

export async function playWindow(
  bench: Bench,
  workload: LoadWorkload,
  server: Target,
  round: number,
  seconds: number,
): Promise<Measurement> {
  const { connections, window, operationsPerSecond } = workload;
  const script = workload.script(round);
  const load = { connections, window, script };
  if (operationsPerSecond === undefined) {
    return driveServer(bench, server, { ...load, warmupMs: LEAD_MS, durationMs: seconds * 1000 });
  }
  await fill(bench, server, createScript([growParent(round)]));
  const operations = Math.round(operationsPerSecond * seconds);
  return driveServer(bench, server, { ...load, operations, durationMs: FILL_MAX_MS });
}
