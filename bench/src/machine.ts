/** The machine a run happened on, and what about it would make the figures doubtful. */
import { statfs } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

const BUSY_LOAD = 0.5;
const TMPFS_TYPE = 0x0102_1994;
const GIBIBYTE = 2 ** 30;

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  readonly loadAtStart: number;
}

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / GIBIBYTE),
    kernel: release(),
    node: process.version,
    loadAtStart: loadavg()[0] ?? 0,
  };
}

export async function warningsFor(machine: Machine, dataFolder: string): Promise<string[]> {
  const warnings: string[] = [];
  if (machine.loadAtStart > BUSY_LOAD) {
    const load = machine.loadAtStart.toFixed(2);
    warnings.push(`The machine was busy when the run began (load ${load}): do not quote it.`);
  }
  const { type } = await statfs(dataFolder);
  if (type === TMPFS_TYPE) {
    warnings.push('The data lies on a file system in memory, where fsync costs nothing.');
  }
  return warnings;
}
