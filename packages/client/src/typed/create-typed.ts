/** A client whose nodes are values of one type. */
import type { Codec } from '../codecs/codec.ts';
import { withDeadline } from '../connection/deadline.ts';
import { isZooKeeperError } from '../errors/zookeeper-error.ts';
import type { ZNode } from '../operations/get.ts';
import type { Stat } from '../operations/stat.ts';
import { observe } from '../watching/observe.ts';
import type { ZooKeeper } from '../zookeeper.ts';
import type { Change, TypedZooKeeper, UpdateOptions } from './typed-zookeeper.ts';

export function createTyped<T>(zk: ZooKeeper, codec: Codec<T>): TypedZooKeeper<T> {
  return {
    create: async (path, value, options) => zk.create(path, codec.encode(value), options),
    get: async (path, options) => {
      const node = await zk.get(path, options);
      return { ...node, data: codec.decode(node.data, node) };
    },
    set: async (path, value, options) => zk.set(path, codec.encode(value), options),
    update: (path, change, options = {}) =>
      update(zk, codec, path, change, withDeadline({}, options)),
    observe: (path, options) => observe(zk, path, codec, options),
  };
}

async function update<T>(
  zk: ZooKeeper,
  codec: Codec<T>,
  path: string,
  change: Change<T>,
  options: UpdateOptions,
): Promise<ZNode<T> | null> {
  for (;;) {
    const { signal, timeout } = options;
    const node = await getOrNull(zk, codec, path, { signal, timeout });
    const data = change(node?.data, node?.stat);
    if (data === undefined) return node;
    const stat = await write(zk, path, codec.encode(data), node?.stat.version, options);
    if (stat !== null) return { path, data, stat };
  }
}

/** Null if somebody else was quicker. */
async function write(
  zk: ZooKeeper,
  path: string,
  data: Uint8Array,
  version: number | undefined,
  options: UpdateOptions,
): Promise<Stat | null> {
  const { signal, timeout } = options;
  try {
    if (version === undefined) return (await zk.create(path, data, options)).stat;
    return await zk.set(path, data, { version, signal, timeout });
  } catch (error) {
    const lost = version === undefined ? ['NodeExists'] : ['BadVersion', 'NoNode'];
    if (isZooKeeperError(error) && lost.includes(`${error.code}`)) return null;
    throw error;
  }
}

async function getOrNull<T>(
  zk: ZooKeeper,
  codec: Codec<T>,
  path: string,
  options: Pick<UpdateOptions, 'signal' | 'timeout'>,
): Promise<ZNode<T> | null> {
  try {
    const node = await zk.get(path, options);
    return { ...node, data: codec.decode(node.data, node) };
  } catch (error) {
    if (isZooKeeperError(error, 'NoNode')) return null;
    throw error;
  }
}
