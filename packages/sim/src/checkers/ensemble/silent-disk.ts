/**
 * L-09: a leader whose own log makes no progress gives up, be its followers as quick as they like. It
 * is given two ticks more than it gives others, for it may learn of the time late. A leader takes its
 * turn twice in a tick, to ping; so where a turn is missed for longer than a tick its machine stood
 * still, and its disk with it, and no more than that tick is held against it.
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
  /** How long it is owed, as of the last turn. */
  readonly forMs: number;
  readonly turnedMs: number;
}

const TICKS_OF_GRACE = 2;

export function silentDisk({ tickMs, syncLimitTicks }: SilentDiskLimits): Rule {
  const owed = new Map<number, Owed>();
  const patienceMs = (syncLimitTicks + TICKS_OF_GRACE) * tickMs;
  return {
    turned: ({ server, monotonicMs }, known, say) => {
      const { stand, told, durable } = known.server(server);
      if (stand.role !== 'leading' || !stand.isServing || told === durable) {
        if (owed.size > 0) owed.delete(server);
        return;
      }
      const debt = owed.get(server);
      if (debt === undefined || isWithin(debt.entry, durable)) {
        owed.set(server, { entry: told, forMs: 0, turnedMs: monotonicMs });
      } else {
        const forMs = debt.forMs + Math.min(monotonicMs - debt.turnedMs, tickMs);
        const isTooLong = forMs > patienceMs;
        owed.set(server, { ...debt, forMs: isTooLong ? 0 : forMs, turnedMs: monotonicMs });
        if (!isTooLong) return;
        const zxid = named(debt.entry.zxid);
        say('L-09', `server ${server} leads on, though ${zxid} is not on its disk`);
      }
    },
    died: ({ server }) => {
      owed.delete(server);
    },
  };
}
