/** Which bytes and names outlive a power cut, as chance will have it. */
import type { Survival } from '../sim-directory.ts';
import type { Random } from '../time/random.ts';

export function survivalBy(random: Random): Survival {
  const luck = random.below(3);
  if (luck === 0) return { bytes: () => 0, name: () => false };
  return { bytes: (count) => random.below(count + 1), name: () => random.chance(0.5) };
}
