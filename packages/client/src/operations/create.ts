/** Creates a node: with the nodes above it, over one that is there, or so that no loss makes two. */
import type { Abortable } from '../connection/abortable.ts';
import { withDeadline } from '../connection/deadline.ts';
import { isZooKeeperError } from '../errors/zookeeper-error.ts';
import { type Created, createNode, type NodeOptions } from './create-node.ts';
import type { Data } from './data.ts';
import { ensurePath } from './ensure-path.ts';
import { nameOf, parentOf } from './paths.ts';
import { createProtected } from './protection.ts';
import { ANY_VERSION, set } from './set.ts';
import type { View } from './view.ts';

export interface CreateOptions extends NodeOptions, Abortable {
  /** Creates what is missing above it, as plain nodes or as containers. */
  readonly parents?: boolean | 'container' | undefined;
  /**
   * Puts `_c_<uuid>-` before the name, as Curator does, so that a node whose answer was lost is found
   * again: the call goes on until it has its node or the session is lost. A text is put there as it is:
   * it has to be one that nobody else uses.
   */
  readonly protect?: boolean | string | undefined;
  /** Sets the data of a node that is there already, whatever its version or at a certain one. */
  readonly orSet?: boolean | { readonly version: number } | undefined;
}

export function create(
  view: View,
  path: string,
  data?: Data,
  options: CreateOptions = {},
): Promise<Created> {
  const { parents, protect, orSet } = options;
  if (parents === undefined && protect === undefined && orSet === undefined) {
    return createNode(view, path, data, options);
  }
  return createOrSet(view, path, data, withDeadline(view, options));
}

async function createOrSet(
  view: View,
  path: string,
  data: Data | undefined,
  options: CreateOptions,
): Promise<Created> {
  for (;;) {
    try {
      return await createBelow(view, path, data, options);
    } catch (error) {
      const isThere = isZooKeeperError(error, 'NodeExists');
      if (!isThere || options.orSet === undefined || options.orSet === false) throw error;
    }
    const version = options.orSet === true ? ANY_VERSION : options.orSet.version;
    try {
      const stat = await set(view, path, data ?? '', { ...options, version });
      return { path, name: nameOf(path), sequence: undefined, stat };
    } catch (error) {
      // It was there, and is no longer.
      if (!isZooKeeperError(error, 'NoNode')) throw error;
    }
  }
}

/** Containers above it may go between the two steps: then both are done again. */
const TRIES_MAX = 10;

async function createBelow(
  view: View,
  path: string,
  data: Data | undefined,
  options: CreateOptions,
): Promise<Created> {
  const { parents, protect, acl, signal } = options;
  const isProtected = protect !== undefined && protect !== false;
  for (let tries = 1; ; tries += 1) {
    try {
      return isProtected
        ? await createProtected(view, path, data, options)
        : await createNode(view, path, data, options);
    } catch (error) {
      const isMissing = isZooKeeperError(error, 'NoNode');
      if (!isMissing || parents === undefined || parents === false) throw error;
      if (tries === TRIES_MAX) throw error;
    }
    const container = parents === 'container';
    const { timeout } = options;
    await ensurePath(view, parentOf(path), { container, acl, signal, timeout });
  }
}
