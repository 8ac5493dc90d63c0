/** Measures ensembles and makes rows of it. */
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { figureOf } from '../figure.ts';
import { fillKeys, runRounds, type Starting, type Target } from '../load-rounds.ts';
import { figuresOf, loadCosts, loadRows } from '../load-rows.ts';
import { profile } from '../profile.ts';
import type { Cost } from '../result.ts';
import { type Row, rowOf } from '../row.ts';
import type { Candidate } from '../servers/candidate.ts';
import { EnsembleProcess } from './ensemble-process.ts';
import { type EnsembleWorkload, ensembleWorkloads } from './ensemble-workloads.ts';
import { runObservers } from './observers.ts';
import { runOutages, SILENCE_MS } from './outage.ts';

export async function measureEnsembles(
  bench: Bench,
): Promise<{ readonly rows: readonly Row[]; readonly costs: readonly Cost[] }> {
  const { only } = bench.options;
  const rows: Row[] = [];
  const costs: Cost[] = [];
  for (const workload of ensembleWorkloads) {
    if (!only.includes(workload.name)) continue;
    const rounds = await runRounds(bench, workload, startFor(workload));
    rows.push(...loadRows(workload, rounds));
    costs.push(...loadCosts(workload, rounds));
  }
  if (only.includes('outage')) rows.push(await outageRow(bench));
  if (only.includes('silence')) rows.push(await silenceRow(bench));
  if (only.includes('observers')) rows.push(...(await observerRows(bench)));
  return { rows, costs };
}

export function profileEnsemble(bench: Bench): Promise<string> {
  const workloads = ensembleWorkloads.filter(({ name }) => bench.options.only.includes(name));
  return profile(bench, workloads, startFor);
}

function startFor({ reaches }: EnsembleWorkload): Starting {
  return (bench, candidate, directory) => startReached(bench, candidate, directory, reaches);
}

async function startReached(
  bench: Bench,
  candidate: Candidate,
  parent: string,
  reaches: 'all' | 'leader' | 'follower',
): Promise<Target> {
  const directory = join(parent, candidate.role);
  const prefix = bench.placement.serverPrefix;
  const ensemble = await EnsembleProcess.start({ candidate, directory, prefix });
  try {
    const leader = await ensemble.leader();
    await fillKeys(bench, ensemble.reach([leader]));
    if (reaches === 'all') return ensemble.reach(ensemble.members);
    if (reaches === 'leader') return ensemble.reach([leader]);
    return ensemble.reach([ensemble.members.find((member) => member !== leader)!]);
  } catch (error) {
    await ensemble.kill();
    throw error;
  }
}

async function outageRow(bench: Bench): Promise<Row> {
  const rounds = await runOutages(bench, 'killed');
  return rowOf({
    id: 'ensemble.outage',
    label: 'three servers: nobody can write after kill -9 of the leader',
    unit: 'ms',
    figures: figuresOf(new Map(rounds), (outageMs) => outageMs),
  });
}

async function silenceRow(bench: Bench): Promise<Row> {
  const rounds = await runOutages(bench, 'silent');
  return rowOf({
    id: 'ensemble.silence',
    label: `three servers: the same when it is stopped, beyond the ${SILENCE_MS} ms of silence allowed`,
    unit: 'ms',
    figures: figuresOf(new Map(rounds), (outageMs) => Math.max(0, outageMs - SILENCE_MS)),
  });
}

async function observerRows(bench: Bench): Promise<Row[]> {
  const subject = bench.candidates.find(({ role }) => role === 'subject');
  if (subject === undefined) return [];
  return [
    rowOf({
      id: 'ensemble.observers',
      label: 'two observers: what a write costs the leader more',
      unit: '%',
      figures: { subject: figureOf(await runObservers(bench, subject)) },
    }),
  ];
}
