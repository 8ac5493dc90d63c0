/**
 * L-09: a leader whose own log makes no progress gives up, be its followers as quick as they like. It
 * is given two ticks more than it gives others, for it may learn of the time late.
 */
import type { Entry } from './chain.ts';
import { isWithin, named } from './chain.ts';
import type { Rule } from './rule.ts';

export interface SilentDiskLimits {
  readonly tickMs: number;
  readonly syncLimitTicks: number;
}

interface Owed {
  readonly entry: Entry;
  readonly sinceMs: number;
}

const TICKS_OF_GRACE = 2;

export function silentDisk({ tickMs, syncLimitTicks }: SilentDiskLimits): Rule {
  const owed = new Map<number, Owed>();
  const patienceMs = (syncLimitTicks + TICKS_OF_GRACE) * tickMs;
  return {
    turned: ({ server, monotonicMs }, known, say) => {
      const { stand, told, durable } = known.server(server);
      const debt = owed.get(server);
      if (stand.role !== 'leading' || !stand.isServing || told === durable) {
        owed.delete(server);
      } else if (debt === undefined || isWithin(debt.entry, durable)) {
        owed.set(server, { entry: told, sinceMs: monotonicMs });
      } else if (monotonicMs - debt.sinceMs > patienceMs) {
        owed.set(server, { entry: told, sinceMs: monotonicMs });
        say(
          'L-09',
          `server ${server} leads on, though ${named(debt.entry.zxid)} is not on its disk`,
        );
      }
    },
    died: ({ server }) => {
      owed.delete(server);
    },
  };
}
