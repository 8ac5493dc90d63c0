/**
 * A world before it begins, as plain data: how many machines, how fast everything is, how tight the
 * limits are, what clients are like, and every fault with its moment. It is drawn from a seed, and
 * each world has but some kinds of faults and some limits, since what is always there hides what is
 * not. Because it is data, a plan can be made smaller while it still fails.
 */

import { faults } from '../faults/catalogue.ts';
import type { Fault, FaultEvent } from '../faults/fault.ts';
import { memberFaults } from '../faults/member-faults.ts';
import { memberTrap, trap } from '../faults/traps.ts';
import type { NetworkWeather } from '../network/network.ts';
import { type ClientHabits, habitsOf } from '../people/habits.ts';
import type { Pace } from '../process/sim-process.ts';
import { Random } from '../time/random.ts';
import { type Topology, topologyOf } from './topology.ts';

/** What sessions there are besides those of the ensemble. */
interface SessionKinds {
  /** New ones are their server's alone. */
  readonly areLocal: boolean;
  /** They become the ensemble's where they need nodes of their own. */
  readonly upgrades: boolean;
  /** Machines that serve whoever will only read while they have no leader. */
  readonly readers: readonly number[];
}

/** Limits of a server that a world may make tight. */
interface Limits {
  readonly snapshotTransactions: number;
  readonly snapshotsKept: number;
  readonly outstandingRequestsMax: number;
  readonly frameBytesMax: number;
  readonly tickMs: number;
}

export interface Plan {
  readonly seed: number;
  readonly serverCount: number;
  /** What makes the servers one; null where each is alone. */
  readonly ensemble: Topology | null;
  readonly clientCount: number;
  readonly habits: ClientHabits;
  readonly sessions: SessionKinds;
  readonly limits: Limits;
  readonly weather: NetworkWeather;
  readonly pace: Pace;
  readonly faults: readonly FaultEvent[];
  /** From here on no fault is struck and none is left. */
  readonly calmAtMs: number;
  /** It does not end before. */
  readonly lifeMsMin: number;
  /** By then everybody must have been answered. */
  readonly endMs: number;
}

export interface PlanOptions {
  /** One is a server alone; more are the voters of an ensemble. Null: as the seed will have it. */
  readonly serverCount: number | null;
  /** What is drawn now and then, and is to be there in any case. */
  readonly with?: readonly Trait[];
}

/** What some worlds have and most have not, and how many in a hundred have it. */
const TRAITS = { changes: 12, local: 12, readers: 12 } as const;
export type Trait = keyof typeof TRAITS;
export const traits = Object.keys(TRAITS) as readonly Trait[];

const CALM_AT_MS = 45_000;
/** A world is worth its seed only if it lasts so long. */
const LIFE_MS_MIN = 60_000;
/** For sessions to be had again, servers to be started again, and an answer more. */
const CALM_MS = 60_000;
/** An ensemble has to find a leader besides, and all have to take over what that one has. */
const ENSEMBLE_CALM_MS = 120_000;
/** More than are to be asked for at least: some time is lost to what befalls them. */
const OPERATIONS_MIN = 360;
const OPERATIONS_MAX = 500;
const CHUNKINGS = ['whole', 'small', 'mixed'] as const;
const FAULT_COUNT_MAX = 4;
const TRAP_COUNT_MAX = 6;
/** Where nothing goes wrong, nothing is learnt. */
const FAULT_COUNT_MIN = 6;
/** How often members are to change, where they do. */
const CHANGES_MIN = 4;
const CHANGES_MAX = 16;
const MEMBER_TRAPS_MAX = 5;
/** How many clients take a server that only reads, where there are any. */
const ONLY_READS = 0.6;
/** How often somebody asks for another change at the same moment. */
const RIVALRY = 0.2;

export function planOf(seed: number, options: PlanOptions): Plan {
  const random = Random.of(seed).split('plan');
  const isAlone = options.serverCount === 1;
  const has = (trait: Trait): boolean => {
    const isDrawn = random.split(trait).below(100) < TRAITS[trait];
    return isDrawn || options.with?.includes(trait) === true;
  };
  const shape = random.split('topology');
  const ensemble = isAlone ? null : topologyOf(shape, options.serverCount, has('changes'));
  const serverCount = ensemble?.ids.length ?? 1;
  const ofSessions = random.split('sessions');
  const sessions = sessionsOf(ofSessions, serverCount, has('local'), has('readers'));
  const clientCount = random.between(2, 5);
  const operations = random.between(OPERATIONS_MIN, OPERATIONS_MAX);
  const perClient = Math.ceil(operations / clientCount);
  const drawn = random.split('faults');
  return {
    seed,
    serverCount,
    ensemble,
    clientCount,
    habits: {
      ...habitsOf(random.split('habits'), perClient, CALM_AT_MS),
      onlyReads: sessions.readers.length === 0 ? 0 : ONLY_READS,
    },
    sessions,
    limits: {
      snapshotTransactions: random.pick([7, 40, 40, 100_000]),
      snapshotsKept: random.pick([1, 3, Number.MAX_SAFE_INTEGER]),
      outstandingRequestsMax: random.pick([1, 4, 1000]),
      frameBytesMax: random.pick([4096, 1_048_575]),
      tickMs: random.pick(isAlone ? [500, 2000] : [600, 1500, 2500]),
    },
    weather: {
      latencyMs: random.pick([0.05, 0.5, 20]),
      jitterMs: random.pick([0.02, 0.5, 30]),
      chunking: random.pick(isAlone ? CHUNKINGS : ['whole', ...CHUNKINGS]),
      bufferBytes: random.pick([512, 8192, 131_072]),
    },
    pace: {
      turnMs: random.pick([0.05, 0.5, 5]),
      diskMs: random.pick([0.02, 0.3, 4]),
      restartMs: random.pick([300, 1500]),
    },
    faults: faultsOf(drawn, serverCount, clientCount, ensemble?.changes != null),
    calmAtMs: CALM_AT_MS,
    lifeMsMin: ensemble === null ? CALM_AT_MS : LIFE_MS_MIN,
    endMs: CALM_AT_MS + (ensemble === null ? CALM_MS : ENSEMBLE_CALM_MS),
  };
}

function sessionsOf(
  random: Random,
  serverCount: number,
  areLocal: boolean,
  hasReaders: boolean,
): SessionKinds {
  // A server alone is asked by nobody else, and always has what it needs.
  const isAlone = serverCount === 1;
  const upgrades = random.chance(0.6);
  const all = Array.from({ length: serverCount }, (_, host) => host);
  const readers = all.filter(() => random.chance(0.7));
  return {
    areLocal: areLocal && !isAlone,
    upgrades: areLocal && upgrades && !isAlone,
    readers: hasReaders && !isAlone ? readers : [],
  };
}

/** Each kind has its own stream: that one is left out moves no other. */
function faultsOf(
  random: Random,
  serverCount: number,
  clientCount: number,
  changesMembers: boolean,
): FaultEvent[] {
  const isAlone = serverCount === 1;
  const likelihood = random.pick(isAlone ? [0, 0.1, 0.3, 0.6] : [0, 0.06, 0.15, 0.4]);
  const fitting = faults.filter(({ isForEnsembles }) => !isAlone || isForEnsembles !== true);
  const events: FaultEvent[] = [];
  const add: Add = ({ id, spanMs }, chance, untilMs, fromMs = 0) => {
    events.push({
      id,
      atMs: fromMs + Math.floor(chance.next() * (untilMs - fromMs)),
      forMs: chance.between(spanMs[0], spanMs[1]),
      server: chance.below(serverCount),
      client: chance.below(clientCount),
      seed: chance.next32(),
    });
  };
  for (const fault of fitting) {
    const chance = random.split(fault.id);
    if (!chance.chance(likelihood)) continue;
    for (let i = chance.between(1, FAULT_COUNT_MAX); i > 0; i -= 1) add(fault, chance, CALM_AT_MS);
  }
  const more = random.split('more');
  while (!isAlone && events.length < FAULT_COUNT_MIN) add(more.pick(fitting), more, CALM_AT_MS);
  // Traps have to be there before anybody comes by.
  const traps = random.split('traps');
  for (let i = traps.between(0, TRAP_COUNT_MAX); i > 0; i -= 1) add(trap, traps, CALM_AT_MS / 2);
  if (changesMembers) changesOf(random.split('changes'), add);
  return events.sort((a, b) => a.atMs - b.atMs);
}

type Add = (fault: Fault, chance: Random, untilMs: number, fromMs?: number) => void;

function changesOf(random: Random, add: Add): void {
  for (let i = random.between(CHANGES_MIN, CHANGES_MAX); i > 0; i -= 1) {
    const atMs = random.below(CALM_AT_MS);
    add(random.pick(memberFaults), random, atMs, atMs);
    if (random.chance(RIVALRY)) add(random.pick(memberFaults), random, atMs, atMs);
  }
  const traps = random.split('traps');
  for (let i = traps.between(0, MEMBER_TRAPS_MAX); i > 0; i -= 1) {
    add(memberTrap, traps, CALM_AT_MS / 2);
  }
}
