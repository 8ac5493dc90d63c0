/** Makes rows and costs out of the rounds of a load workload. */
import { type Figure, figureOf } from './figure.ts';
import type { Round, Rounds } from './load-rounds.ts';
import type { Cost } from './result.ts';
import { type Figures, type Role, type Row, rowOf } from './row.ts';
import type { Shares } from './saturation.ts';
import type { LoadWorkload } from './workloads.ts';

const MEBIBYTE = 2 ** 20;

export function loadRows(workload: LoadWorkload, rounds: Rounds): Row[] {
  const { id, label } = workload;
  if (workload.shows === 'latency') {
    return [
      rowOf({
        id: `${id}.p50`,
        label: `${label}: p50`,
        unit: 'µs',
        figures: figuresOf(rounds, (round) => round.latency.p50Us),
      }),
      rowOf({
        id: `${id}.p99`,
        label: `${label}: p99`,
        unit: 'µs',
        figures: figuresOf(rounds, (round) => round.latency.p99Us),
      }),
    ];
  }
  const figures = figuresOf(rounds, (round) => round.perSecond);
  return [
    rowOf({ id: `${id}.rate`, label, unit: 'per second', figures, shares: sharesOf(rounds) }),
  ];
}

export function loadCosts(workload: LoadWorkload, rounds: Rounds): Cost[] {
  return [...rounds].map(([candidate, list]) => {
    const figure = (pick: (round: Round) => number): Figure => figureOf(list.map(pick));
    return {
      workload: workload.id,
      role: candidate.role,
      cpuUsPerOperation: figure((round) => round.serverCpuUsPerOperation),
      serverShare: figure((round) => round.serverShare),
      generatorShare: figure((round) => round.generatorShare),
      residentMiB: figure((round) => round.residentBytes / MEBIBYTE),
      p99Us: figure((round) => round.latency.p99Us),
      maxMs: figure((round) => round.maxMs),
    };
  });
}

/** One figure per server out of one number per round. */
export function figuresOf<T>(
  rounds: ReadonlyMap<{ readonly role: Role }, readonly T[]>,
  pick: (round: T) => number | undefined,
): Figures {
  const figures: Partial<Record<Role, Figure>> = {};
  for (const [candidate, list] of rounds) {
    const values = list.map(pick).filter((value) => value !== undefined);
    if (values.length > 0) figures[candidate.role] = figureOf(values);
  }
  return figures;
}

function sharesOf(rounds: Rounds): Partial<Record<Role, Shares>> {
  const shares: Partial<Record<Role, Shares>> = {};
  for (const [candidate, list] of rounds) {
    shares[candidate.role] = {
      generatorShare: figureOf(list.map((round) => round.generatorShare)).median,
      serverShare: figureOf(list.map((round) => round.serverShare)).median,
    };
  }
  return shares;
}
