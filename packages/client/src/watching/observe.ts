/**
 * The value now and whenever it changes: the loop of watch and read that most programs want. It
 * shows the latest, not every value there ever was, and goes on over connections and sessions.
 */
import type { Codec } from '../codecs/codec.ts';
import type { Abortable } from '../connection/abortable.ts';
import type { WatchEventType } from '../connection/watchers.ts';
import { isTransient } from '../errors/create-error.ts';
import { isZooKeeperError } from '../errors/zookeeper-error.ts';
import type { ZNode } from '../operations/get.ts';
import type { ZooKeeper } from '../zookeeper.ts';
import type { Watch } from './watch.ts';

/** The node, or null while there is none. */
export async function* observe<T>(
  zk: ZooKeeper,
  path: string,
  codec: Codec<T>,
  options: Abortable = {},
): AsyncGenerator<ZNode<T> | null, void, undefined> {
  let last: bigint | null | undefined;
  const types: WatchEventType[] = ['created', 'changed', 'deleted'];
  for await (const node of follow(zk, path, types, options, () => zk.get(path, options))) {
    const seen = node === null ? null : node.stat.mzxid;
    if (seen === last) continue;
    last = seen;
    yield node === null ? null : { ...node, data: codec.decode(node.data, node) };
  }
}

/** The names of the children, or null while there is no node. */
export async function* observeChildren(
  zk: ZooKeeper,
  path: string,
  options: Abortable = {},
): AsyncGenerator<ReadonlySet<string> | null, void, undefined> {
  let last: bigint | null | undefined;
  const types: WatchEventType[] = ['created', 'children', 'deleted'];
  for await (const list of follow(zk, path, types, options, () => zk.children(path, options))) {
    const seen = list === null ? null : list.stat.pzxid;
    if (seen === last) continue;
    last = seen;
    yield list === null ? null : new Set(list.names);
  }
}

async function* follow<T>(
  zk: ZooKeeper,
  path: string,
  types: readonly WatchEventType[],
  options: Abortable,
  read: () => Promise<T>,
): AsyncGenerator<T | null, void, undefined> {
  const { signal } = options;
  // One event is as good as many: whatever it was, the node is read again.
  const watch = zk.watch(path, { ...options, types, buffer: 1, overflow: 'resync' });
  try {
    await watch.armed;
    yield await readNow(zk, options, read);
    for await (const _ of watch) yield await readNow(zk, options, read);
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  } finally {
    await closeQuietly(watch);
  }
}

/** A connection that breaks meanwhile is waited for. */
async function readNow<T>(
  zk: ZooKeeper,
  { signal }: Abortable,
  read: () => Promise<T>,
): Promise<T | null> {
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if (isZooKeeperError(error, 'NoNode')) return null;
      const passes = isZooKeeperError(error) && (isTransient(error.code) || isRenewed(zk, error));
      if (!passes) throw error;
    }
    await zk.ready({ signal });
  }
}

/** Its session has expired, and there is another. */
function isRenewed(zk: ZooKeeper, error: unknown): boolean {
  return isZooKeeperError(error, 'SessionExpired') && zk.state !== 'closed';
}

async function closeQuietly(watch: Watch): Promise<void> {
  await watch.close().catch(() => {});
}
