/**
 * What two observers cost the leader: its CPU time for one write, with and without them, under the same
 * load and in turns. The observers are Zabra's own; their own time does not count.
 */
import { join } from 'node:path';
import { type Bench, say } from '../bench.ts';
import { withDirectory } from '../directory.ts';
import { fillKeys, playWindow, type Target, warmUp } from '../load-rounds.ts';
import type { Candidate } from '../servers/candidate.ts';
import { EnsembleProcess } from './ensemble-process.ts';
import { ensembleWorkloads } from './ensemble-workloads.ts';

const OBSERVERS = 2;

/** By how many percent the leader needs more; one number a round. */
export function runObservers(bench: Bench, candidate: Candidate): Promise<readonly number[]> {
  return withDirectory('run', async (directory) => {
    const workload = ensembleWorkloads.find(({ name }) => name === 'setData')!;
    const targets: Target[] = [];
    try {
      for (const observers of [0, OBSERVERS]) {
        const target = await startBeside(
          bench,
          candidate,
          join(directory, `${observers}`),
          observers,
        );
        targets.push(target);
        await warmUp(bench, workload, target);
      }
      const costs: number[] = [];
      for (let round = 0; round < bench.options.rounds; round += 1) {
        const [without, beside] = [targets[0]!, targets[1]!];
        const { seconds } = bench.options;
        const alone = await playWindow(bench, workload, without, round, seconds);
        const observed = await playWindow(bench, workload, beside, round, seconds);
        const cost = (observed.serverCpuUsPerOperation / alone.serverCpuUsPerOperation - 1) * 100;
        say(
          `observers, round ${round + 1}: ${alone.serverCpuUsPerOperation.toFixed(2)} µs of the ` +
            `leader without, ${observed.serverCpuUsPerOperation.toFixed(2)} µs with`,
        );
        costs.push(cost);
      }
      return costs;
    } finally {
      for (const target of targets) await target.stop();
    }
  });
}

async function startBeside(
  bench: Bench,
  candidate: Candidate,
  directory: string,
  observers: number,
): Promise<Target> {
  const prefix = bench.placement.serverPrefix;
  const ensemble = await EnsembleProcess.start({ candidate, directory, prefix, observers });
  const target = ensemble.reach(ensemble.voters, [await ensemble.leader()]);
  await fillKeys(bench, target);
  return target;
}
