/** What a recipe that goes on over broken connections and lost sessions does with an error. */
import { isZooKeeperError, type ZooKeeper } from '../public.ts';

/** Resolves when the step may be tried again; throws what no other try would mend. */
export async function recover(
  zk: ZooKeeper,
  error: unknown,
  signal: AbortSignal | undefined,
): Promise<void> {
  const passes =
    isZooKeeperError(error, 'ConnectionLoss') ||
    isZooKeeperError(error, 'SessionExpired') ||
    isZooKeeperError(error, 'SessionMoved');
  if (!passes) throw error;
  await zk.ready({ signal });
}
