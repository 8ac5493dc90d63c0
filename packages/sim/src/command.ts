/**
 * `npm run sim`, but for what only a host can do: what its arguments mean and what it says. One seed
 * is told as a story that ends with the hash of its trace; many are counted, and each failure comes
 * with the line that tells it again.
 */
import { type CampaignTotals, neverSeen } from './run/campaign.ts';
import { type Plan, planOf, type Trait, traits } from './run/plan.ts';
import { type Report, run, type Species } from './run/run.ts';
import { shrink } from './run/shrink.ts';

export interface SimRequest {
  /** One world to be told; null for many. */
  readonly seed: number | null;
  readonly worldCount: number;
  readonly from: number;
  /** One for a server alone, more for the voters of ensembles; null as seeds will have it. */
  readonly serverCount: number | null;
  /** What all of them are to have. */
  readonly with: readonly Trait[];
  readonly jobs: number;
  readonly shrinks: boolean;
  readonly tellsCoverage: boolean;
}

export const usage: string = `Usage: npm run sim -- [options]

  --seeds N      live through N worlds (default 200)
  --from S       the first of them (default 1)
  --seed S       live through one world and tell its story
  --shrink       with --seed: find the smallest plan that fails alike, and tell that one's
  --servers N    1: a server alone; more: the voters of each ensemble (default: by the seed)
  --with TRAIT   worlds that have it: ${traits.join(', ')}; may be given again
  --jobs N       threads to share the worlds (default 1)
  --coverage     say how often each fault and failpoint was there`;

const FAILURES_TOLD_MAX = 20;
const VIOLATIONS_TOLD_MAX = 10;
const SHRINK_RUNS_MAX = 400;
const SERVERS_MAX = 9;
const JOBS_MAX = 64;
/** So many worlds have everything in them, be it as rare as may be. */
const LONG = 10_000;
const LONG_ALONE = 2000;

const numbers = ['--seeds', '--from', '--seed', '--servers', '--jobs'] as const;
const flags = ['--shrink', '--coverage'] as const;

/** A sentence where the arguments make no sense. */
export function parseSimArguments(args: readonly string[]): SimRequest | string {
  const given = new Map<string, number>();
  const set = new Set<string>();
  const wanted: Trait[] = [];
  for (let i = 0; i < args.length; i += 1) {
    const name = args[i]!;
    if (flags.some((flag) => flag === name)) set.add(name);
    else if (name === '--with') {
      i += 1;
      const trait = traits.find((one) => one === args[i]);
      if (trait === undefined) return `--with needs one of ${traits.join(', ')}`;
      wanted.push(trait);
    } else if (numbers.some((number) => number === name)) {
      i += 1;
      const value = Number(args[i] ?? 'nothing');
      if (!Number.isSafeInteger(value) || value < 0) return `${name} needs a whole number`;
      given.set(name, value);
    } else return `${name} is no option`;
  }
  const of = (name: string, otherwise: number): number => given.get(name) ?? otherwise;
  const serverCount = given.get('--servers') ?? null;
  const jobs = of('--jobs', 1);
  if (serverCount !== null && (serverCount < 1 || serverCount > SERVERS_MAX)) {
    return `--servers is 1 to ${SERVERS_MAX}`;
  }
  if (jobs < 1 || jobs > JOBS_MAX) return `--jobs is 1 to ${JOBS_MAX}`;
  return {
    seed: given.get('--seed') ?? null,
    worldCount: of('--seeds', 200),
    from: of('--from', 1),
    serverCount,
    with: wanted,
    jobs,
    shrinks: set.has('--shrink'),
    tellsCoverage: set.has('--coverage'),
  };
}

/** Tells one world; true if nothing was wrong in it. */
export function tell(request: SimRequest, species: Species, say: (line: string) => void): boolean {
  const { seed, shrinks } = request;
  const plan = planOf(seed ?? 0, request);
  const told = shrinks ? smallest(plan, species, say) : plan;
  const report = run(told, species, say);
  say('');
  for (const line of verdict(report)) say(line);
  say(`trace hash ${report.hash}`);
  return report.violations.length === 0;
}

function smallest(plan: Plan, species: Species, say: (line: string) => void): Plan {
  const [first] = run(plan, species).violations;
  if (first === undefined) return plan;
  const failsAlike = (smaller: Plan): boolean =>
    run(smaller, species).violations.some(({ check }) => check === first.check);
  const { plan: found, runCount } = shrink(plan, failsAlike, SHRINK_RUNS_MAX);
  const { faults, clientCount, habits, calmAtMs } = found;
  say(
    `Shrunk in ${runCount} runs to ${faults.length} faults, ${clientCount} clients of ` +
      `${habits.operations} operations, ${calmAtMs} ms.`,
  );
  return found;
}

function verdict({
  violations,
  operationCount,
  answeredCount,
  transactionCount,
  ...report
}: Report): string[] {
  const told = violations.slice(0, VIOLATIONS_TOLD_MAX);
  return [
    `${operationCount} operations, ${answeredCount} answered, ${transactionCount} transactions, ` +
      `${report.eventCount} events in ${Math.round(report.simulatedMs / 1000)} simulated seconds`,
    violations.length === 0 ? 'Nothing was wrong.' : `${violations.length} things were wrong:`,
    ...told.map(({ check, what }) => `  ${check}: ${what}`),
  ];
}

/** Nothing failed, and where there were worlds enough, everything came about that should. */
export function isGreen(totals: CampaignTotals, { serverCount }: SimRequest): boolean {
  const isAlone = serverCount === 1;
  const isLong = totals.worldCount >= (isAlone ? LONG_ALONE : LONG);
  return totals.failures.length === 0 && !(isLong && neverSeen(totals, isAlone).length > 0);
}

/** What is said of many worlds, the seconds being those of a real clock. */
export function summary(totals: CampaignTotals, request: SimRequest, seconds: number): string[] {
  const { worldCount, eventCount, operationCount, simulatedMs, failures, ledger } = totals;
  const { serverCount, tellsCoverage } = request;
  const missing = neverSeen(totals, serverCount === 1);
  const servers = serverCount === null ? '' : ` --servers ${serverCount}`;
  const having = request.with.map((trait) => ` --with ${trait}`).join('');
  const counts = [...ledger].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    ...failures
      .slice(0, FAILURES_TOLD_MAX)
      .flatMap(({ seed, violations }) => [
        `seed ${seed}: ${violations[0]?.check}: ${violations[0]?.what}`,
        `  npm run sim -- --seed ${seed}${servers}${having}`,
      ]),
    ...(tellsCoverage ? counts.map(([name, count]) => `  ${name}  ${count}`) : []),
    `${worldCount} worlds, ${failures.length} failed; ` +
      `${operationCount} operations, ${eventCount} events, ` +
      `${Math.round(simulatedMs / 1000)} simulated seconds in ${seconds.toFixed(1)} s`,
    missing.length === 0
      ? 'Every fault, failpoint and edge was there.'
      : `Never there: ${missing.join(', ')}.`,
  ];
}
