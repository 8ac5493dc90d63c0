/** Many worlds, counted: how many went wrong, and which faults were there at all. */
import { expected } from '../faults/catalogue.ts';
import { Ledger } from '../faults/ledger.ts';
import { type PlanOptions, planOf } from './plan.ts';
import { type Report, run, type Species, type Violation } from './run.ts';
import { edges } from './transitions.ts';

interface Failure {
  readonly seed: number;
  readonly violations: readonly Violation[];
}

/** Plain data: campaigns on several threads are added up. */
export interface CampaignTotals {
  readonly worldCount: number;
  readonly eventCount: number;
  readonly operationCount: number;
  readonly simulatedMs: number;
  readonly failures: readonly Failure[];
  readonly ledger: readonly (readonly [name: string, count: number])[];
}

export interface CampaignRequest extends PlanOptions {
  readonly from: number;
  readonly worldCount: number;
}

const noTotals: CampaignTotals = {
  worldCount: 0,
  eventCount: 0,
  operationCount: 0,
  simulatedMs: 0,
  failures: [],
  ledger: [],
};

/**
 * `takeNext` counts the worlds from 0 on. Threads that share a campaign share what it counts with, so
 * that each takes the next world when it is through with one, and none waits for the others.
 */
export function campaign(
  request: CampaignRequest,
  species: Species,
  onWorld: (totals: CampaignTotals) => void = () => {},
  takeNext: () => number = counter(),
): CampaignTotals {
  const { from, worldCount } = request;
  const ledger = new Ledger();
  let totals = noTotals;
  for (let next = takeNext(); next < worldCount; next = takeNext()) {
    const report = run(planOf(from + next, request), species);
    ledger.add(report.ledger);
    totals = withReport(totals, report);
    onWorld(totals);
  }
  return { ...totals, ledger: [...ledger.counts] };
}

function counter(): () => number {
  let count = 0;
  return () => {
    count += 1;
    return count - 1;
  };
}

function withReport(totals: CampaignTotals, report: Report): CampaignTotals {
  const { plan, violations } = report;
  const failures =
    violations.length === 0
      ? totals.failures
      : [...totals.failures, { seed: plan.seed, violations }];
  return {
    worldCount: totals.worldCount + 1,
    eventCount: totals.eventCount + report.eventCount,
    operationCount: totals.operationCount + report.operationCount,
    // Whole ones, so that the sum does not depend on the order.
    simulatedMs: totals.simulatedMs + Math.round(report.simulatedMs),
    failures,
    ledger: totals.ledger,
  };
}

export function sum(all: readonly CampaignTotals[]): CampaignTotals {
  const ledger = new Ledger();
  for (const totals of all) ledger.add(totals.ledger);
  const total = (of: (totals: CampaignTotals) => number): number =>
    all.reduce((so, totals) => so + of(totals), 0);
  return {
    worldCount: total(({ worldCount }) => worldCount),
    eventCount: total(({ eventCount }) => eventCount),
    operationCount: total(({ operationCount }) => operationCount),
    simulatedMs: total(({ simulatedMs }) => simulatedMs),
    failures: all.flatMap(({ failures }) => failures).sort((a, b) => a.seed - b.seed),
    ledger: [...ledger.counts],
  };
}

/** What should have come about and never did. */
export function neverSeen({ ledger }: CampaignTotals, isAlone: boolean): string[] {
  const counts = new Ledger();
  counts.add(ledger);
  return counts.missing([...expected(isAlone), ...(isAlone ? [] : edges)]);
}
