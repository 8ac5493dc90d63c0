/**
 * What recipes ask again by themselves: all that does no harm when it is done twice, and what was
 * never sent, for as long as there is a client and a caller who waits.
 */
import type { RetryPolicy, ZooKeeper } from '../public.ts';

/** Between two tries of a server that has too much to do. */
const PAUSE_MS = 50;

/** A call without a connection waits for one by itself: asking again needs no pause. */
const steadiness: RetryPolicy = {
  next: ({ error, idempotent }) => {
    const isHarmless = idempotent || !error.maybeApplied;
    if (!isHarmless) return false;
    return error.code === 'ConnectionLoss' || error.code === 'SessionExpired' ? 0 : PAUSE_MS;
  },
};

/** The same client, whose reads go on over broken connections and into new sessions. */
export function steadily(zk: ZooKeeper): ZooKeeper {
  return zk.with({ retry: steadiness });
}
