/** Creates a node and all above it that is missing; those that are there stay as they are. */
import type { Acl } from '@zabra/wire';
import type { Abortable } from '../connection/abortable.ts';
import { withDeadline } from '../connection/deadline.ts';
import { isZooKeeperError } from '../errors/zookeeper-error.ts';
import { createNode } from './create-node.ts';
import { exists } from './exists.ts';
import { parentOf } from './paths.ts';
import { type View, wholeTree } from './view.ts';

export interface EnsureOptions extends Abortable {
  /** What is created goes when its last child goes. */
  readonly container?: boolean | undefined;
  readonly acl?: readonly Acl[] | undefined;
}

/** Others may remove what has just been made: containers do that. */
const TRIES_MAX = 10;

export function ensurePath(view: View, path: string, options: EnsureOptions): Promise<void> {
  return ensure(view, path, withDeadline(view, options));
}

async function ensure(view: View, path: string, options: EnsureOptions): Promise<void> {
  if (path === '/') {
    if (view.root !== '') await ensure(wholeTree(view), view.root, options);
    return;
  }
  const mode = options.container === true ? 'container' : 'persistent';
  for (let tries = 1; ; tries += 1) {
    try {
      await createNode(view, path, undefined, { ...options, mode });
      return;
    } catch (error) {
      if (isZooKeeperError(error, 'NodeExists')) return;
      // Who may not create a node may still be happy with the one that is there.
      if (isZooKeeperError(error, 'NoAuth') && (await exists(view, path, options)) !== null) return;
      if (!isZooKeeperError(error, 'NoNode') || tries === TRIES_MAX) throw error;
    }
    await ensure(view, parentOf(path), options);
  }
}
