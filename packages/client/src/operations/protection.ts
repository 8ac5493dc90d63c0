/**
 * Creates that survive the loss of their answer. The name begins with a mark that nobody else uses,
 * so that after a loss the parent's children tell whether the node is there. The form is Curator's.
 */
import type { Abortable } from '../connection/abortable.ts';
import { isZooKeeperError } from '../errors/zookeeper-error.ts';
import { toServerPath } from '../session/index.ts';
import { children } from './children.ts';
import { type Created, createdAs, createNode, type NodeOptions } from './create-node.ts';
import type { Data } from './data.ts';
import { deleteNode } from './delete-node.ts';
import { exists } from './exists.ts';
import { untilDone } from './keep-trying.ts';
import { childOf, parentOf } from './paths.ts';
import type { View } from './view.ts';

const MARKED = /^_c_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}-/;

/** `lock-0000000001` of `_c_…-lock-0000000001`; names without a mark stay as they are. */
export function withoutProtection(name: string): string {
  return name.replace(MARKED, '');
}

export interface ProtectionOptions extends NodeOptions, Abortable {
  readonly protect?: boolean | string | undefined;
}

export async function createProtected(
  view: View,
  path: string,
  data: Data | undefined,
  options: ProtectionOptions,
): Promise<Created> {
  const { protect } = options;
  const mark = typeof protect === 'string' ? protect : `_c_${crypto.randomUUID()}-`;
  const marked = childOf(parentOf(path), mark + path.slice(path.lastIndexOf('/') + 1));
  let isLost = false;
  for (;;) {
    try {
      if (isLost) {
        const { signal, timeout } = options;
        await view.connection.lifecycle.ready({ signal, timeout });
        const found = await findMarked(view, marked, mark, options);
        if (found !== null) return found;
      }
      return await createNode(view, marked, data, options);
    } catch (error) {
      isLost ||= isZooKeeperError(error) && error.maybeApplied;
      if (!isLost) throw error;
      if (isZooKeeperError(error, 'ConnectionLoss')) continue;
      removeMarked(view, marked, mark, options);
      throw error;
    }
  }
}

async function findMarked(
  view: View,
  marked: string,
  mark: string,
  options: ProtectionOptions,
): Promise<Created | null> {
  const parent = parentOf(marked);
  const { names } = await children(view, parent, { ...options, sync: true });
  for (const name of names.filter((candidate) => candidate.startsWith(mark))) {
    const path = childOf(parent, name);
    const stat = await exists(view, path, options);
    if (stat === null) continue;
    if (options.mode !== 'ephemeral' || stat.ephemeralOwner === view.connection.info?.id) {
      return createdAs(view.root, marked, toServerPath(view.root, path), stat);
    }
    // It is that of a session that was lost meanwhile: nobody's, until a server finds that out.
    untilDone(view, async (patient) => {
      await deleteNode(patient, path, undefined, true);
    });
  }
  return null;
}

/** Nobody waits for the node any more: if it is there it goes, as soon as that can be found out. */
function removeMarked(view: View, marked: string, mark: string, { mode }: NodeOptions): void {
  // Those of a session that is gone go with it.
  const id = view.connection.info?.id;
  untilDone(view, async (patient) => {
    if (mode === 'ephemeral' && view.connection.info?.id !== id) return;
    const { names } = await children(patient, parentOf(marked), { sync: true });
    const name = names.find((candidate) => candidate.startsWith(mark));
    if (name !== undefined) await deleteNode(patient, childOf(parentOf(marked), name));
  });
}
