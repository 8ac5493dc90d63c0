/** One world from its plan to the verdict. */

import type { Transaction } from '@zabra/wire';
import type { Upheld } from '../checkers/ensemble/known.ts';
import { judgeExpiry, type ProposedAt } from '../checkers/expiry.ts';
import { ModelMembers } from '../checkers/model-members.ts';
import type { ModelTree } from '../checkers/model-tree.ts';
import { agreementOf, logOf } from '../checkers/server-log.ts';
import { judgeKinds, type SessionWorld } from '../checkers/session-kinds.ts';
import {
  completionOf,
  judgeHandles,
  judgeSession,
  knowledgeOf,
} from '../checkers/session-order.ts';
import { judgeTold } from '../checkers/told/judge-told.ts';
import { judgeLostSessions } from '../checkers/told/lost-sessions.ts';
import { replay } from '../checkers/version-order.ts';
import { judgeWatches } from '../checkers/watch-order.ts';
import type { DiskOptions, SimDisk } from '../disk.ts';
import type { Begetter } from '../process/actor.ts';
import type { Onlooker } from '../process/onlooker.ts';
import type { SimProcess } from '../process/sim-process.ts';
import { nothingSurvives } from '../sim-directory.ts';
import type { Story } from '../trace.ts';
import { noteConsequences } from './consequences.ts';
import type { Plan } from './plan.ts';
import { ensembleOf } from './topology.ts';
import { Universe } from './universe.ts';

/** What kind of servers a world is made of. */
export interface Species {
  beget(plan: Plan): Begetter;
  /** What is wrong with their disks on purpose, if anything. */
  readonly disk?: Partial<DiskOptions>;
  /** Whether a disk gives back the state that its log leads to; sentences where it does not. */
  judgeDisk(plan: Plan, disk: SimDisk, model: ModelTree): readonly string[];
}

/** Which check has failed; made smaller, a run must fail the same check. */
export type Check =
  | 'world'
  | 'client'
  | 'ensemble'
  | 'agreement'
  | 'version order'
  | 'session'
  | 'watch'
  | 'told'
  | 'disk';

export interface Violation {
  readonly check: Check;
  readonly what: string;
}

const CLOCK_FAULTS = ['F-K02', 'F-K03'];
/** Between two reports of a learner, and for one to come. */
const REPORT_TICKS = 2;
/** A leader that hears nothing of a learner lets it go, and only then the learner hears nothing either. */
const SILENCES = 2;

export interface Report {
  readonly plan: Plan;
  readonly violations: readonly Violation[];
  readonly hash: string;
  readonly eventCount: number;
  readonly operationCount: number;
  readonly answeredCount: number;
  readonly transactionCount: number;
  readonly simulatedMs: number;
  readonly ledger: readonly (readonly [name: string, count: number])[];
}

export function run(
  plan: Plan,
  species: Species,
  story: Story | null = null,
  onlookers: readonly Onlooker[] = [],
): Report {
  const universe = new Universe(plan, {
    beget: species.beget(plan),
    story,
    disk: species.disk ?? {},
    onlookers,
  });
  universe.run();
  const { journal, trace, scheduler, ledger } = universe;
  const violations: Violation[] = [];
  const note = (check: Check, sentences: readonly string[]): void => {
    for (const what of sentences) violations.push({ check, what });
  };
  note('world', universe.violations);
  note('ensemble', universe.judge?.violations ?? []);
  note('client', journal.violations);
  // What counts is what would be there after a power cut now.
  const disks = universe.core.map(({ drive }) => {
    const disk = drive.fork();
    disk.cutPower(nothingSurvives);
    return disk;
  });
  const { violations: disagreements, transactions } =
    plan.ensemble === null
      ? agreementOf(disks.map(logOf))
      : universe.deliveries.agreement(universe.judge?.known.agreed);
  note('agreement', disagreements);
  const trustsClocks = !plan.faults.some(({ id }) => id.startsWith('F-K'));
  const members = membersOf(plan, universe.judge?.known.upheld ?? []);
  const order = replay(transactions, journal.operations, {
    trustsClocks,
    members,
    knowsLocal: plan.sessions.areLocal,
    refusesEphemerals: plan.sessions.areLocal && !plan.sessions.upgrades,
  });
  note('version order', order.violations);
  const completedBefore = completionOf(journal.operations);
  const pointOf = pointsOf(transactions);
  for (const life of journal.sessions) {
    note('session', judgeSession(life, order, completedBefore, pointOf));
    note('watch', judgeWatches(life, order.changes));
    note('told', judgeTold(life));
  }
  note('session', judgeHandles(journal.sessions, order.zxids));
  const proposedAt = proposalOf(universe.servers);
  const knownAt = knowledgeOf(journal.operations);
  const hasLocal = plan.sessions.areLocal || plan.sessions.readers.length > 0;
  note('session', judgeLostSessions(journal, transactions, proposedAt, knownAt, hasLocal));
  note('session', judgeKinds(journal, transactions, kindsOf(universe, plan, proposedAt)));
  // Where clocks go wrong, a server ends sessions by what it believes.
  if (trustsExpiry(plan)) {
    const unheardMs = unheardMsMax(plan);
    const { sessions } = journal;
    note('session', judgeExpiry(sessions, transactions, order.zxids, proposedAt, unheardMs));
  }
  for (const disk of disks) note('disk', species.judgeDisk(plan, disk, order.model));
  noteConsequences(universe, plan, transactions);
  const answered = journal.operations.filter(({ answer }) => answer !== null);
  return {
    plan,
    violations,
    hash: trace.hash,
    eventCount: universe.eventCount,
    operationCount: journal.operations.length,
    answeredCount: answered.length,
    transactionCount: transactions.length,
    simulatedMs: scheduler.nowMs,
    ledger: [...ledger.counts],
  };
}

function trustsExpiry({ faults }: Plan): boolean {
  return !faults.some(({ id }) => CLOCK_FAULTS.includes(id));
}

function kindsOf({ servers }: Universe, plan: Plan, proposedAt: ProposedAt): SessionWorld {
  const { areLocal, upgrades } = plan.sessions;
  const startsOf = (server: number): readonly number[] => servers[server]?.startsMs ?? [];
  return { areLocal, upgrades, trustsClocks: trustsExpiry(plan), startsOf, proposedAt };
}

function membersOf({ ensemble }: Plan, upheld: readonly Upheld[]): ModelMembers | null {
  if (ensemble === null || ensemble.changes === null) return null;
  return new ModelMembers(ensembleOf(ensemble), ensemble.changes.votersMin, upheld);
}

/** A server may write a zxid twice, over what a cut has taken; of several servers the first counts. */
function proposalOf(servers: readonly SimProcess[]): ProposedAt {
  return (zxid) => {
    const moments = servers.flatMap(({ appends }) => {
      const append = appends.findLast((one) => zxid >= one.firstZxid && zxid <= one.lastZxid);
      return append === undefined ? [] : [append.atMs];
    });
    return moments.length === 0 ? undefined : Math.min(...moments);
  };
}

/** So long a server may hear of a session though the leader does not. */
function unheardMsMax({ ensemble, limits }: Plan): number {
  if (ensemble === null) return 0;
  return (SILENCES * ensemble.peer.syncLimitTicks + REPORT_TICKS) * limits.tickMs;
}

/** The last transaction that is in a state of a zxid with which a term begins; others are their own. */
function pointsOf(transactions: readonly Transaction[]): (zxid: bigint) => bigint {
  const zxids = transactions.map(({ header }) => header.zxid);
  return (zxid) => {
    if ((zxid & 0xffffffffn) !== 0n) return zxid;
    return zxids.findLast((one) => one <= zxid) ?? 0n;
  };
}
