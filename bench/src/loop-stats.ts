/**
 * How long Zabra's core kept its thread at a stretch: with ZABRA_LOOP_STATS=1 in its environment
 * it says so on SIGUSR2, in one line of JSON on its error stream.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerProcess } from './server-process.ts';

const ANSWER_TIMEOUT_MS = 3000;
const STEP_MS = 20;

export interface LoopStats {
  readonly longestCallMs: number;
  readonly p9999CallMs: number;
}

/** `undefined` when the server does not answer, which an older Zabra as a peer may not. */
export async function readLoopStats(server: ServerProcess): Promise<LoopStats | undefined> {
  const known = statsIn(await server.log()).length;
  server.signal('SIGUSR2');
  for (let waited = 0; waited < ANSWER_TIMEOUT_MS; waited += STEP_MS) {
    await sleep(STEP_MS);
    // SIGUSR2 ends a process that does not listen for it.
    if (!server.isRunning) throw new Error('the server ended when asked for its loop statistics');
    const found = statsIn(await server.log());
    if (found.length > known) return found.at(-1);
  }
  return undefined;
}

export function statsIn(log: string): LoopStats[] {
  return log
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('{') && line.includes('"longestCallMs"'))
    .map((line) => JSON.parse(line) as LoopStats);
}
