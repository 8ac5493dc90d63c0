/** The seeded worlds in which mutants are looked for, each asked for one seed at a time. */
import { cutEverywhere, type Plan, planOf, replicaSpecies, run } from '@zabra/sim';
import { ElectionWorld } from '../../packages/zab/src/testing/election-world.ts';
import { playSeeds } from '../../packages/zab/src/testing/peer-seeds.ts';
import { PeerWorld } from '../../packages/zab/src/testing/peer-world.ts';
import type { World } from './mutant.ts';

/** Which check objected, and in which words. */
export interface Objection {
  readonly check: string;
  readonly what: string;
}

const CUT_STEPS = 120;

export const worlds: Readonly<Record<World, (seed: number) => Objection | null>> = {
  peers: (seed) =>
    thrownBy(() => playSeeds({ first: seed, count: 1 }, (one) => new PeerWorld(one))),
  elections: (seed) => thrownBy(() => new ElectionWorld(seed).run()),
  ensemble: (seed) => violationIn(planOf(seed, { serverCount: null })),
  alone: (seed) => violationIn(planOf(seed, { serverCount: 1 })),
  cuts: (seed) => {
    const { violations } = cutEverywhere({ seed, steps: CUT_STEPS, disk: { snapshotsKept: 2 } });
    return violations.length === 0 ? null : { check: 'power cut', what: violations[0]! };
  },
};

function violationIn(plan: Plan): Objection | null {
  const [violation] = run(plan, replicaSpecies).violations;
  return violation ?? null;
}

/** The sentence behind the seed; its number, where it has one, names the check. */
function thrownBy(live: () => void): Objection | null {
  try {
    live();
    return null;
  } catch (cause) {
    return objectionOf(cause);
  }
}

export function objectionOf(cause: unknown): Objection {
  const [line = ''] = (cause instanceof Error ? cause.message : `${cause}`).split('\n');
  const what = line.replace(/^seed \d+: /, '');
  const [, number] = /^([A-Z]-?\d+|\d+\.\d+): /.exec(what) ?? [];
  if (number !== undefined) return { check: number, what };
  if (what.startsWith('it never comes to be')) return { check: 'liveness', what };
  if (what.startsWith('a server broke the protocol')) return { check: 'protocol', what };
  return { check: 'assertion', what };
}
