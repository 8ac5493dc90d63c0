/**
 * A world before it begins, as plain data: how many machines, how fast everything is, how tight the
 * limits are, what clients are like, and every fault with its moment. It is drawn from a seed, and
 * each world has but some kinds of faults and some limits, since what is always there hides what is
 * not. Because it is data, a plan can be made smaller while it still fails.
 */

import { faults } from '../faults/catalogue.ts';
import type { FaultEvent } from '../faults/fault.ts';
import type { NetworkWeather } from '../network/network.ts';
import { type ClientHabits, habitsOf } from '../people/habits.ts';
import type { Pace } from '../process/sim-process.ts';
import { Random } from '../time/random.ts';

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
  readonly clientCount: number;
  readonly habits: ClientHabits;
  readonly limits: Limits;
  readonly weather: NetworkWeather;
  readonly pace: Pace;
  readonly faults: readonly FaultEvent[];
  /** From here on no fault is struck and none is left. */
  readonly calmAtMs: number;
  /** By then everybody must have been answered. */
  readonly endMs: number;
}

export interface PlanOptions {
  readonly serverCount: number;
}

const CALM_AT_MS = 40_000;
/** For sessions to be had again, servers to be started again, and an answer more. */
const CALM_MS = 60_000;
const OPERATIONS_MIN = 300;
const OPERATIONS_MAX = 500;
const FAULT_COUNT_MAX = 4;

export function planOf(seed: number, { serverCount }: PlanOptions): Plan {
  const random = Random.of(seed).split('plan');
  const clientCount = random.between(2, 5);
  const operations = random.between(OPERATIONS_MIN, OPERATIONS_MAX);
  const perClient = Math.ceil(operations / clientCount);
  const drawn = random.split('faults');
  return {
    seed,
    serverCount,
    clientCount,
    habits: habitsOf(random.split('habits'), perClient, CALM_AT_MS),
    limits: {
      snapshotTransactions: random.pick([7, 40, 100_000]),
      snapshotsKept: random.pick([1, 3, Number.MAX_SAFE_INTEGER]),
      outstandingRequestsMax: random.pick([1, 4, 1000]),
      frameBytesMax: random.pick([4096, 1_048_575]),
      tickMs: random.pick([500, 2000]),
    },
    weather: {
      latencyMs: random.pick([0.05, 0.5, 20]),
      jitterMs: random.pick([0.02, 0.5, 30]),
      chunking: random.pick(['whole', 'small', 'mixed']),
      bufferBytes: random.pick([512, 8192, 131_072]),
    },
    pace: {
      turnMs: random.pick([0.05, 0.5, 5]),
      diskMs: random.pick([0.02, 0.3, 4]),
      restartMs: random.pick([300, 1500]),
    },
    faults: faultsOf(drawn, serverCount, clientCount),
    calmAtMs: CALM_AT_MS,
    endMs: CALM_AT_MS + CALM_MS,
  };
}

/** Each kind has its own stream: that one is left out moves no other. */
function faultsOf(random: Random, serverCount: number, clientCount: number): FaultEvent[] {
  const likelihood = random.pick([0, 0.1, 0.3, 0.6]);
  const events: FaultEvent[] = [];
  for (const { id, spanMs, isForEnsembles } of faults) {
    const chance = random.split(id);
    if (!chance.chance(likelihood) || (isForEnsembles === true && serverCount === 1)) continue;
    const count = chance.between(1, FAULT_COUNT_MAX);
    for (let i = 0; i < count; i += 1) {
      events.push({
        id,
        atMs: Math.floor(chance.next() * CALM_AT_MS),
        forMs: chance.between(spanMs[0], spanMs[1]),
        server: chance.below(serverCount),
        client: chance.below(clientCount),
        seed: chance.next32(),
      });
    }
  }
  return events.sort((a, b) => a.atMs - b.atMs);
}
