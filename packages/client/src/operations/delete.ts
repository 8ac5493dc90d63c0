/** Deletes a node, alone or with all below it. */
import type { Abortable } from '../connection/abortable.ts';
import { withDeadline } from '../connection/deadline.ts';
import { isZooKeeperError } from '../errors/zookeeper-error.ts';
import { children } from './children.ts';
import { deleteNode } from './delete-node.ts';
import { mayPass, untilDone } from './keep-trying.ts';
import { childOf } from './paths.ts';
import { ANY_VERSION } from './set.ts';
import type { View } from './view.ts';

export interface DeleteOptions extends Abortable {
  /** The version that is deleted; any unless it is given. */
  readonly version?: number | undefined;
  /** With everything below it, which others may see going bit by bit. */
  readonly recursive?: boolean | undefined;
  /** It is no error if there is no such node: the answer is false. */
  readonly missingOk?: boolean | undefined;
  /** If the call fails for want of a connection, it is deleted all the same, later. */
  readonly guaranteed?: boolean | undefined;
}

/** Siblings that are deleted at a time. */
const BATCH = 256;

export function remove(view: View, path: string, options: DeleteOptions = {}): Promise<boolean> {
  const deleted =
    options.recursive === true
      ? deleteTree(view, path, withDeadline(view, options))
      : once(view, path, options);
  return options.guaranteed === true ? guarantee(view, path, options, deleted) : deleted;
}

function once(view: View, path: string, options: DeleteOptions): Promise<boolean> {
  return deleteNode(view, path, options.version, options.missingOk, options);
}

async function guarantee(
  view: View,
  path: string,
  options: DeleteOptions,
  deleted: Promise<boolean>,
): Promise<boolean> {
  try {
    return await deleted;
  } catch (error) {
    if (mayPass(error)) {
      const lasting = { ...options, guaranteed: false, signal: undefined, timeout: undefined };
      untilDone(view, async (patient) => void (await remove(patient, path, lasting)));
    }
    throw error;
  }
}

/** Most nodes have no children: each is deleted straight away, and listed only if that fails. */
async function deleteTree(view: View, path: string, options: DeleteOptions): Promise<boolean> {
  for (;;) {
    try {
      return await once(view, path, options);
    } catch (error) {
      if (!isZooKeeperError(error, 'NotEmpty')) throw error;
    }
    await deleteBelow(view, path, options);
  }
}

/** A batch at a time, and of those with children one at a time: what is under way stays bounded. */
async function deleteBelow(view: View, path: string, options: DeleteOptions): Promise<void> {
  const names = await namesBelow(view, path, options);
  const below = withDeadline(view, { ...options, version: ANY_VERSION, missingOk: true });
  for (let i = 0; i < names.length; i += BATCH) {
    const paths = names.slice(i, i + BATCH).map((name) => childOf(path, name));
    const emptied = await Promise.all(paths.map((child) => deleteIfEmpty(view, child, below)));
    const left = paths.filter((_, place) => !emptied[place]);
    for (const child of left) await deleteTree(view, child, below);
  }
}

async function deleteIfEmpty(view: View, path: string, options: DeleteOptions): Promise<boolean> {
  try {
    await once(view, path, options);
    return true;
  } catch (error) {
    if (isZooKeeperError(error, 'NotEmpty')) return false;
    throw error;
  }
}

async function namesBelow(
  view: View,
  path: string,
  options: Abortable,
): Promise<readonly string[]> {
  const { signal, timeout } = options;
  try {
    return (await children(view, path, { signal, timeout })).names;
  } catch (error) {
    if (isZooKeeperError(error, 'NoNode')) return [];
    throw error;
  }
}
