/**
 * Lives that end by a power cut: one life is lived step by step, and at every step the power is cut
 * on a copy of its disk. Each time the server comes back, is judged, lives on for a while, and is
 * cut off once more.
 */
import { Chance, type ReplicaSettings } from '@zabra/replica';
import type { Transaction } from '@zabra/wire';
import { History } from './checkers/history.ts';
import { type DiskOptions, SimDisk } from './disk.ts';
import { simSettings } from './settings.ts';
import type { SimSession } from './sim-client.ts';
import { everythingSurvives, nothingSurvives, type Survival } from './sim-directory.ts';
import { Workload } from './workload.ts';
import { World } from './world.ts';

export interface LifeOptions {
  readonly seed: number;
  /** Steps of the first life; there are as many cuts, of each kind. */
  readonly steps: number;
  readonly disk?: Partial<DiskOptions>;
}

/** All there is at a moment, as far as it outlives the server. */
interface Moment {
  readonly disk: SimDisk;
  readonly history: History;
  readonly sessions: readonly SimSession[];
  readonly nowMs: number;
}

export interface LifeReport {
  /** Sentences, each with the step and the kind of cut it belongs to. */
  readonly violations: readonly string[];
  readonly cuts: number;
  /** What the first life was made of. */
  readonly proposals: readonly Transaction[];
}

const SECOND_LIFE_STEPS_MAX = 60;

/** Snapshots and new logs come every few transactions. */
const settings: ReplicaSettings = { ...simSettings, snapshotTransactions: 12 };

export function cutEverywhere({ seed, steps, disk = {} }: LifeOptions): LifeReport {
  const history = new History();
  const first = new Life(new SimDisk(disk), history, seed, 1000);
  const violations: string[] = [];
  let cuts = 0;
  for (let step = 0; step < steps; step += 1) {
    for (const [kind, survival] of survivals(seed + step)) {
      const told = comeBack(momentOf(first), survival, seed * steps + step);
      violations.push(...told.map((sentence) => `step ${step}, ${kind}: ${sentence}`));
      cuts += 1;
    }
    first.workload.step();
  }
  violations.push(...history.violations.map((sentence) => `first life: ${sentence}`));
  return { violations, cuts, proposals: history.proposals };
}

/** Cuts the power twice, with a second life between; what was wrong. */
function comeBack(moment: Moment, survival: Survival, seed: number): readonly string[] {
  const { disk, history, sessions, nowMs } = moment;
  const chance = new Chance(seed);
  disk.cutPower(survival);
  try {
    const second = new Life(disk, history, seed, nowMs);
    const problems = reattach(second.world, history, sessions);
    second.workload.inherit(sessions);
    const steps = Math.floor(chance.next() * SECOND_LIFE_STEPS_MAX);
    for (let i = 0; i < steps; i += 1) second.workload.step();
    disk.cutPower(survival);
    new Life(disk, history, seed, second.world.nowMs);
    return [...problems, ...history.violations];
  } catch (error) {
    return [...history.violations, `the server does not come back: ${error}`];
  }
}

/** Whoever has the id and password of a session that is there gets it back, and nobody else. */
function reattach(
  world: World,
  history: History,
  sessions: readonly SimSession[],
): readonly string[] {
  const { sessions: open } = history.modelAt(BigInt(history.proposals.length));
  const left = new Set<bigint>(open.keys());
  return sessions.flatMap((session) => {
    const client = world.connect();
    world.send(client, client.connect(session.timeoutMs, session));
    world.settle();
    const id = client.session?.id ?? 0n;
    const expected = left.has(session.id) ? session.id : 0n;
    if (!client.isClosed) world.disconnect(client);
    return id === expected ? [] : [`session ${session.id} came back as ${id}`];
  });
}

/** A server's life from whatever is on the disk. */
class Life {
  readonly world: World;
  readonly history: History;
  readonly workload: Workload;

  constructor(disk: SimDisk, history: History, seed: number, nowMs: number) {
    this.history = history;
    this.world = new World({
      settings: { ...settings, seed },
      disk,
      nowMs: nowMs + 1,
      observer: {
        onRecovered: (database) => history.onRecovered(database),
        onDisk: (order) => {
          if (order.kind === 'append') history.onAppend(order.bytes);
        },
      },
    });
    this.workload = new Workload(this.world, new Chance(seed), history);
  }
}

function momentOf({ world, history, workload }: Life): Moment {
  return {
    disk: world.disk.fork(),
    history: history.fork(),
    sessions: workload.sessions,
    nowMs: world.nowMs,
  };
}

function survivals(seed: number): readonly (readonly [kind: string, survival: Survival])[] {
  const chance = new Chance(seed);
  const torn: Survival = {
    bytes: (count) => Math.floor(chance.next() * (count + 1)),
    name: () => chance.next() < 0.5,
  };
  return [
    ['nothing unsynced left', nothingSurvives],
    ['everything left', everythingSurvives],
    ['some of it left', torn],
  ];
}
