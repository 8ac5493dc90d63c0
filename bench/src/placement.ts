/** Which cores the server and the generator may use. The same for every server of a run. */
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

const TASKSET = 'taskset';

export interface Placement {
  readonly description: string;
  readonly serverPrefix: readonly string[];
  readonly generatorPrefix: readonly string[];
}

export function choosePlacement(pin: boolean): Placement {
  const cores = availableParallelism();
  if (!pin) {
    const description = `not pinned: server and generator share all ${cores} cores`;
    return { description, serverPrefix: [], generatorPrefix: [] };
  }
  if (cores < 2) throw new Error('--pin needs two cores');
  assertTaskset();
  return {
    description: 'pinned: server on core 0, generator on core 1',
    serverPrefix: [TASKSET, '-c', '0'],
    generatorPrefix: [TASKSET, '-c', '1'],
  };
}

function assertTaskset(): void {
  try {
    execFileSync(TASKSET, ['-c', '0', 'true'], { stdio: 'ignore' });
  } catch (cause) {
    throw new Error('--pin needs taskset (package util-linux) and cores 0 and 1', { cause });
  }
}
