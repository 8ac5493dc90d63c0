/**
 * Where Zabra spends its time: runs it under V8's sampling profiler while a workload plays, and
 * sums up the samples by the function that was on top.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bench, say } from './bench.ts';
import { withDirectory } from './directory.ts';
import { playWindow, type Starting, warmUp } from './load-rounds.ts';
import { repositoryRoot } from './places.ts';
import { zabra } from './servers/zabra.ts';
import type { LoadWorkload } from './workloads.ts';

const SHOWN = 25;
const SAMPLE_INTERVAL_US = 500;

/** The part of V8's `.cpuprofile` that is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface SelfTime {
  readonly place: string;
  readonly ms: number;
}

/** Profiles one workload after the other; each gets servers of its own. */
export async function profile<W extends LoadWorkload>(
  bench: Bench,
  workloads: readonly W[],
  startFor: (workload: W) => Starting,
): Promise<string> {
  const parts: string[] = [];
  for (const workload of workloads) {
    say(`profiling ${workload.id} …`);
    parts.push(await profileOne(bench, workload, startFor(workload)));
  }
  return parts.join('\n');
}

function profileOne(bench: Bench, workload: LoadWorkload, start: Starting): Promise<string> {
  return withDirectory('run', async (directory) => {
    const nodeOptions = [
      '--cpu-prof',
      // Of each server below its own directory.
      '--cpu-prof-dir=profile',
      `--cpu-prof-interval=${SAMPLE_INTERVAL_US}`,
    ];
    const options = { role: 'subject', checkout: repositoryRoot, title: 'Zabra' } as const;
    const server = await start(bench, zabra({ ...options, nodeOptions }), directory);
    try {
      await warmUp(bench, workload, server);
      const seconds = bench.options.seconds * bench.options.rounds;
      await playWindow(bench, workload, server, 0, seconds);
    } finally {
      await server.stop();
    }
    return describe(workload, await readProfiles(directory));
  });
}

/** A worker thread leaves a profile of its own beside the main one. */
async function readProfiles(directory: string): Promise<CpuProfile[]> {
  const all = await readdir(directory, { recursive: true });
  const names = all.filter((name) => name.endsWith('.cpuprofile')).sort();
  if (names.length === 0)
    throw new Error('the profiler left nothing: did the server exit cleanly?');
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
  return texts.map((text) => JSON.parse(text) as CpuProfile);
}

/** Longest first. Idle time is not work and is left out. */
export function selfTimes(profiled: CpuProfile): SelfTime[] {
  const places = new Map(profiled.nodes.map((node) => [node.id, placeOf(node.callFrame)]));
  const microseconds = new Map<string, number>();
  for (const [i, sample] of profiled.samples.entries()) {
    const place = places.get(sample) ?? '(unknown)';
    if (place === '(idle)') continue;
    microseconds.set(place, (microseconds.get(place) ?? 0) + (profiled.timeDeltas[i] ?? 0));
  }
  return [...microseconds]
    .map(([place, us]) => ({ place, ms: us / 1000 }))
    .sort((a, b) => b.ms - a.ms);
}

function placeOf(frame: CpuProfile['nodes'][number]['callFrame']): string {
  const name = frame.functionName || '(anonymous)';
  if (frame.url === '') return name;
  const file = frame.url.replace(`file://${repositoryRoot}`, '').replace(/^\//, '');
  return `${name}  ${file}:${frame.lineNumber + 1}`;
}

function describe(workload: LoadWorkload, profiles: readonly CpuProfile[]): string {
  return profiles
    .map((profiled, i) => {
      const times = selfTimes(profiled);
      const total = times.reduce((sum, { ms }) => sum + ms, 0);
      const lines = times.slice(0, SHOWN).map(({ place, ms }) => {
        const percent = ((ms / total) * 100).toFixed(1).padStart(5);
        return `${percent} %  ${ms.toFixed(0).padStart(6)} ms  ${place}`;
      });
      const which = profiles.length > 1 ? `, process ${i + 1}` : '';
      const title = `${workload.label}${which}: self time of ${total.toFixed(0)} ms`;
      return [title, ...lines, ''].join('\n');
    })
    .join('\n');
}
