/** Plays worlds of many seeds, and says of one that fails what happened in it. */
import type { PeerWorld, WorldOutcome } from './peer-world.ts';

const TRACE_LINES = 120;

/** What servers say of each other only when one of them does not keep to the protocol. */
const BREACH =
  /"reason":".*(?:left out|not next|no packet|out of turn|instead of|began with|be believed|not there|never proposed|before it was|of another epoch|cut off|asks for)/;

export interface Seeds {
  readonly first: number;
  readonly count: number;
}

/** `ZAB_SEEDS` says how many, `ZAB_SEED_FIRST` from where on, `ZAB_SEED` names a single one. */
export function seedsOf(env: Readonly<Record<string, string | undefined>>, count: number): Seeds {
  const only = env.ZAB_SEED;
  if (only !== undefined) return { first: Number(only), count: 1 };
  return { first: Number(env.ZAB_SEED_FIRST ?? 1), count: Number(env.ZAB_SEEDS ?? count) };
}

/** What all of them came to, together. */
export function playSeeds(
  { first, count }: Seeds,
  make: (seed: number) => PeerWorld,
): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (let seed = first; seed < first + count; seed += 1) {
    const { ways, ...figures } = playSeed(seed, make(seed));
    for (const [name, figure] of Object.entries({ ...figures, ...ways })) {
      sums[name] = (sums[name] ?? 0) + figure;
    }
  }
  return sums;
}

function playSeed(seed: number, world: PeerWorld): WorldOutcome {
  const { lines } = world.witness;
  try {
    const outcome = world.run();
    const breach = lines.find((line) => BREACH.test(line));
    if (breach !== undefined) throw new Error(`a server broke the protocol: ${breach}`);
    return outcome;
  } catch (cause) {
    const tail = lines.slice(-TRACE_LINES).join('\n');
    throw new Error(`seed ${seed}: ${(cause as Error).message}\n${tail}`, { cause });
  }
}
