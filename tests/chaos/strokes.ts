/**
 * What befalls an ensemble, drawn from a seed before it begins: members killed, standing still and
 * restarted, the leader more often than its share, sometimes several at once, sometimes all.
 */
import { Chance } from '../support/raw-chance.ts';

export interface Stroke {
  readonly kind: 'kill' | 'pause' | 'restart';
  /** Whoever leads then, or the members at these places of the list of all. */
  readonly targets: 'leader' | readonly number[];
  /** How long it is away, or stands still. */
  readonly lastsMs: number;
  /** From its beginning to the next stroke, which may fall upon it while it comes back. */
  readonly thenMs: number;
}

/** Without end; whoever takes them says when it is enough. */
export function* strokesOf(seed: number, members: number): Generator<Stroke, never> {
  const chance = new Chance(seed);
  for (;;) yield drawStroke(chance, members);
}

function drawStroke(chance: Chance, members: number): Stroke {
  const luck = chance.below(100);
  const kind = luck < 60 ? 'kill' : luck < 85 ? 'pause' : 'restart';
  // Longer than a tick, than the limit of silence, than the patience of some clients.
  const lastsMs = chance.pick([50, 300, 1000, 2000, 4000]) + chance.below(500);
  const thenMs = chance.pick([200, 1000, 2500, 4000]) + chance.below(1000);
  return { kind, targets: drawTargets(chance, members), lastsMs, thenMs };
}

function drawTargets(chance: Chance, members: number): 'leader' | readonly number[] {
  const luck = chance.below(100);
  if (luck < 40) return 'leader';
  const all = Array.from({ length: members }, (_, i) => i);
  if (luck < 45) return all;
  const count = luck < 85 ? 1 : 1 + chance.below(members);
  while (all.length > count) all.splice(chance.below(all.length), 1);
  return all;
}
