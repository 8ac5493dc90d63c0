/**
 * A line of contenders: each has a node of its own, numbered by the server, and waits for the one
 * before it. Nobody is woken but the next.
 */
import {
  type Acl,
  type Data,
  isZooKeeperError,
  type ZooKeeper,
  ZooKeeperError,
} from '../public.ts';
import { childPath } from './child-path.ts';
import { type Family, type Layout, marks, orderOf, parents, refuseForeigners } from './families.ts';
import { recover } from './recover.ts';
import { untilItStirs } from './stirrings.ts';

export interface Line {
  readonly zk: ZooKeeper;
  /** The node below which they stand. */
  readonly path: string;
  readonly layout: Layout;
  readonly family: Family;
  readonly acl?: readonly Acl[] | undefined;
}

/** As whom somebody stands in it. */
export interface Role {
  /** What stands before the digits in the name. */
  readonly name: string;
  readonly data?: Data | undefined;
  /** Whether somebody who came before is waited for. */
  blocks(name: string): boolean;
}

/** A node in the line. */
export interface Place {
  readonly path: string;
  readonly name: string;
  readonly czxid: bigint;
  readonly sessionId: bigint;
}

/** Null only if nobody is to wait and it is not their turn. Of a call that fails no node is left. */
export async function standInLine(
  line: Line,
  role: Role,
  mayWait: boolean,
  signal: AbortSignal | undefined,
): Promise<Place | null> {
  for (;;) {
    const place = await takePlace(line, role, signal);
    try {
      const turn = await waitForTurn(line, role, place, mayWait, signal);
      if (turn === 'come') return place;
      const left = leaveLine(line.zk, place);
      if (turn === 'gone') continue;
      await left;
      return null;
    } catch (error) {
      void leaveLine(line.zk, place);
      throw error;
    }
  }
}

async function takePlace(
  { zk, path, layout, acl }: Line,
  { name, data }: Role,
  signal: AbortSignal | undefined,
): Promise<Place> {
  for (;;) {
    try {
      const created = await zk.create(childPath(path, name), data, {
        mode: 'ephemeral',
        sequential: true,
        protect: marks[layout](),
        parents: parents[layout],
        acl,
        signal,
      });
      const { czxid, ephemeralOwner: sessionId } = created.stat;
      const place = { path: created.path, name: created.name, czxid, sessionId };
      if (created.sequence! >= 0) return place;
      void leaveLine(zk, place);
      throw usedUp(path);
    } catch (error) {
      await recover(zk, error, signal);
    }
  }
}

/** Beyond 2147483647 numbers are negative: whoever comes later would stand before all others. */
function usedUp(path: string): ZooKeeperError {
  const message = `${path}: the server has no more numbers to give here; delete the node while nobody contends (BadArguments)`;
  return new ZooKeeperError('BadArguments', message, { path });
}

/** Whether it is anybody's turn is for the children to say; a node that is gone has to be made anew. */
async function waitForTurn(
  line: Line,
  role: Role,
  place: Place,
  mayWait: boolean,
  signal: AbortSignal | undefined,
): Promise<'come' | 'busy' | 'gone'> {
  const { zk, path, family } = line;
  for (;;) {
    try {
      const { names } = await zk.children(path, { signal });
      // A node may outlive its session for a while: it is in the list, and nobody's.
      if (zk.session?.id !== place.sessionId || !names.includes(place.name)) return 'gone';
      refuseForeigners(path, names, family);
      const ahead = nearestAhead(family, role, names, place.name);
      if (ahead === null && zk.state === 'connected') return 'come';
      if (ahead === null) await zk.ready({ signal });
      else if (mayWait) await untilItStirs(zk, childPath(path, ahead), signal);
      else return 'busy';
    } catch (error) {
      if (isZooKeeperError(error, 'NoNode')) return 'gone';
      await recover(zk, error, signal);
    }
  }
}

/** The last of those before it that it has to wait for. */
function nearestAhead(
  family: Family,
  role: Role,
  names: readonly string[],
  own: string,
): string | null {
  const ownOrder = orderOf(family, own)!;
  let nearest: string | null = null;
  let nearestOrder = '';
  for (const name of names) {
    const order = orderOf(family, name);
    if (order === null || order >= ownOrder || order <= nearestOrder) continue;
    if (!role.blocks(name)) continue;
    nearest = name;
    nearestOrder = order;
  }
  return nearest;
}

/** It goes now, or as soon as there is a connection. */
async function leaveLine(zk: ZooKeeper, { path }: Place): Promise<void> {
  await zk.delete(path, { missingOk: true, guaranteed: true }).catch(() => {});
}
