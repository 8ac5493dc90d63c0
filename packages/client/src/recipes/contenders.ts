/** Those who contend at a node, in the order in which they come. */
import {
  type Abortable,
  type Bytes,
  isZooKeeperError,
  type Stat,
  type ZooKeeper,
} from '../public.ts';
import { childPath } from './child-path.ts';
import { type Family, orderOf } from './families.ts';

export interface Contender {
  readonly path: string;
  readonly name: string;
  /** What its program has written into its node; Curator writes an address of its host. */
  readonly data: Bytes;
  readonly stat: Stat;
}

/** The names in the list that are of the family, in their order. */
export function inOrder(family: Family, names: readonly string[]): readonly string[] {
  return names
    .flatMap((name) => {
      const order = orderOf(family, name);
      return order === null ? [] : [{ name, order }];
    })
    .sort((one, other) => (one.order < other.order ? -1 : one.order > other.order ? 1 : 0))
    .map(({ name }) => name);
}

export async function listContenders(
  zk: ZooKeeper,
  path: string,
  family: Family,
  options: Abortable,
): Promise<readonly Contender[]> {
  return readContenders(zk, path, inOrder(family, await childNames(zk, path, options)), options);
}

export async function readContenders(
  zk: ZooKeeper,
  path: string,
  names: readonly string[],
  options: Abortable,
): Promise<readonly Contender[]> {
  const found = await Promise.all(names.map((name) => readContender(zk, path, name, options)));
  return found.filter((contender) => contender !== null);
}

export async function childNames(
  zk: ZooKeeper,
  path: string,
  options: Abortable,
): Promise<readonly string[]> {
  try {
    return (await zk.children(path, options)).names;
  } catch (error) {
    if (isZooKeeperError(error, 'NoNode')) return [];
    throw error;
  }
}

async function readContender(
  zk: ZooKeeper,
  parent: string,
  name: string,
  options: Abortable,
): Promise<Contender | null> {
  try {
    const { path, data, stat } = await zk.get(childPath(parent, name), options);
    return { path, name, data, stat };
  } catch (error) {
    if (isZooKeeperError(error, 'NoNode')) return null;
    throw error;
  }
}
