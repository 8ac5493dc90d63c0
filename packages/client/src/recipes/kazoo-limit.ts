/** How many leases kazoo's semaphores have is written, in digits, into the node itself. */
import { isZooKeeperError, type ZooKeeper, ZooKeeperError } from '../public.ts';

/** Writes it where nobody has; throws where others say something else. */
export async function agreeOnLimit(
  zk: ZooKeeper,
  path: string,
  leases: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const text = new TextDecoder().decode(await readOrPlant(zk, path, leases, signal)).trim();
  // A node that somebody is about to write to; kazoo takes what is no number for nothing, too.
  if (!/^\d+$/.test(text) || Number(text) === leases) return;
  const message = `${path}: others say that there are ${text} leases, and this program says ${leases} (BadArguments)`;
  throw new ZooKeeperError('BadArguments', message, { path });
}

async function readOrPlant(
  zk: ZooKeeper,
  path: string,
  leases: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  for (;;) {
    try {
      return (await zk.get(path, { signal })).data;
    } catch (error) {
      if (!isZooKeeperError(error, 'NoNode')) throw error;
    }
    try {
      await zk.create(path, `${leases}`, { parents: true, signal });
    } catch (error) {
      if (!isZooKeeperError(error, 'NodeExists')) throw error;
    }
  }
}
