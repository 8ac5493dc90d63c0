/** All nodes of a subtree, one by one; those that come and go meanwhile may be among them or not. */
import type { Abortable } from '../connection/abortable.ts';
import { isZooKeeperError } from '../errors/zookeeper-error.ts';
import { children } from './children.ts';
import { get, type ZNode } from './get.ts';
import { childOf } from './paths.ts';
import type { View } from './view.ts';

export interface WalkOptions extends Abortable {
  /** How far down; 0 is the node alone. */
  readonly depth?: number;
  /** A node before those below it, or behind them. */
  readonly order?: 'pre' | 'post';
}

/** Siblings that are read ahead. */
const BATCH = 64;

interface Visit {
  readonly node: ZNode;
  readonly names: readonly string[];
}

export async function* walk(
  view: View,
  path: string,
  options: WalkOptions = {},
): AsyncGenerator<ZNode, void, undefined> {
  const visit = await look(view, path, options);
  if (visit !== null) yield* below(view, visit, options, options.depth ?? Number.POSITIVE_INFINITY);
}

async function* below(
  view: View,
  { node, names }: Visit,
  options: WalkOptions,
  depth: number,
): AsyncGenerator<ZNode, void, undefined> {
  const isPost = options.order === 'post';
  if (!isPost) yield node;
  const own = depth > 0 ? [...names].sort() : [];
  for (let i = 0; i < own.length; i += BATCH) {
    const paths = own.slice(i, i + BATCH).map((name) => childOf(node.path, name));
    const visits = await Promise.all(paths.map((path) => look(view, path, options)));
    for (const visit of visits) if (visit !== null) yield* below(view, visit, options, depth - 1);
  }
  if (isPost) yield node;
}

async function look(
  view: View,
  path: string,
  { signal, timeout }: Abortable,
): Promise<Visit | null> {
  const options = { signal, timeout };
  try {
    const [node, { names }] = await Promise.all([
      get(view, path, options),
      children(view, path, options),
    ]);
    return { node, names };
  } catch (error) {
    if (isZooKeeperError(error, 'NoNode')) return null;
    throw error;
  }
}
