/**
 * Runs the load generator as a process of its own: the one in C, compiled on first use, or the one
 * in Node when there is no compiler. Turns what it says into one measurement.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withDirectory } from './directory.ts';
import { type Latency, latencyOf } from './latency.ts';
import { type LoadArguments, type LoadOutcome, toArguments } from './load-job.ts';
import { cacheFolder, generatorSource, programFile } from './places.ts';
import { encodeScript, type Script } from './script.ts';

const exec = promisify(execFile);

/** Added to the time a job should take, before its generator is given up. */
const PATIENCE_MS = 60_000;
/** A prime, so that the kept latencies do not fall in step with windows of a hundred. */
const PIPELINED_STRIDE = 61;

export interface Generator {
  readonly language: 'C' | 'Node';
  readonly command: readonly string[];
}

/** One window of load on one server. */
export interface Measurement {
  readonly operations: number;
  readonly perSecond: number;
  readonly latency: Latency;
  readonly maxMs: number;
  /** Of one core, of all servers together. */
  readonly serverShare: number;
  readonly generatorShare: number;
  readonly serverCpuUsPerOperation: number;
}

export interface LoadOptions {
  readonly ports: readonly number[];
  readonly serverPids: readonly number[];
  readonly connections: number;
  readonly window: number;
  readonly warmupMs?: number;
  readonly durationMs: number;
  readonly operations?: number;
  /** Without one, sessions are opened and closed. */
  readonly script: Script | undefined;
}

export async function prepareGenerator(wanted: 'c' | 'node' | 'auto'): Promise<Generator> {
  const inNode = {
    language: 'Node',
    command: [process.execPath, programFile('node-load')],
  } as const;
  if (wanted === 'node') return inNode;
  try {
    return { language: 'C', command: [await compile()] };
  } catch (cause) {
    if (wanted === 'c') throw new Error('the generator in C does not compile here', { cause });
    return inNode;
  }
}

/** The name carries the hash of the source, so that a changed generator is never taken for an old one. */
async function compile(): Promise<string> {
  const source = await readFile(generatorSource);
  const hash = createHash('sha256').update(source).digest('hex').slice(0, 12);
  const program = join(cacheFolder, `load-${hash}`);
  if (existsSync(program)) return program;
  await mkdir(cacheFolder, { recursive: true });
  const unfinished = `${program}.${process.pid}`;
  await exec(process.env.CC ?? 'cc', ['-O2', '-o', unfinished, generatorSource]);
  await rename(unfinished, program);
  return program;
}

/** Drives one window of load; throws when a reply was wrong, an error, or missing. */
export function drive(
  generator: Generator,
  options: LoadOptions,
  prefix: readonly string[],
): Promise<Measurement> {
  return withDirectory('job', async (folder) => {
    const job = jobOf(options, folder);
    if (options.script !== undefined) await writeFile(job.script, encodeScript(options.script));
    const outcome = await execute([...prefix, ...generator.command, ...toArguments(job)], job);
    return measurementOf(outcome, await readSamples(job.samples));
  });
}

function jobOf(options: LoadOptions, folder: string): LoadArguments {
  return {
    ports: options.ports,
    serverPids: options.serverPids,
    connections: options.connections,
    window: options.window,
    warmupMs: options.warmupMs ?? 0,
    durationMs: Math.round(options.durationMs),
    operations: options.operations ?? 0,
    stride: options.window > 1 ? PIPELINED_STRIDE : 1,
    sessions: options.script === undefined ? 1 : 0,
    script: join(folder, 'script'),
    samples: join(folder, 'samples'),
  };
}

async function execute(command: readonly string[], job: LoadArguments): Promise<LoadOutcome> {
  const [program = '', ...words] = command;
  const timeout = job.warmupMs + job.durationMs + PATIENCE_MS;
  const running = exec(program, words, { timeout, killSignal: 'SIGKILL' });
  const { stdout } = await running.catch(({ stderr }: { readonly stderr?: string }) => {
    throw new Error(`the load generator gave up: ${stderr?.trim() || 'it took too long'}`);
  });
  const outcome = JSON.parse(stdout) as LoadOutcome;
  if (outcome.errors > 0) {
    throw new Error(`the server answered ${outcome.errors} requests with ${outcome.firstError}`);
  }
  return outcome;
}

async function readSamples(path: string): Promise<Float64Array> {
  // A copy of its own, since a view needs eight-byte alignment.
  return new Float64Array(new Uint8Array(await readFile(path)).buffer);
}

function measurementOf(outcome: LoadOutcome, samples: Float64Array): Measurement {
  const { operations, elapsedMs, serverCpuMs, generatorCpuMs } = outcome;
  return {
    operations,
    perSecond: (operations / elapsedMs) * 1000,
    latency: latencyOf(samples),
    maxMs: outcome.maxNs / 1e6,
    serverShare: serverCpuMs / elapsedMs,
    generatorShare: generatorCpuMs / elapsedMs,
    serverCpuUsPerOperation: (serverCpuMs / operations) * 1000,
  };
}
