/**
 * Readers together or one writer alone, in the order in which they came. Its nodes are those of
 * Curator's InterProcessReadWriteLock, or with the layout `kazoo` those of kazoo's ReadLock and
 * WriteLock.
 */
import {
  type Abortable,
  type Data,
  isZooKeeperError,
  op,
  type ZooKeeper,
  ZooKeeperError,
} from '../public.ts';
import { childPath } from './child-path.ts';
import { extendHeld } from './extend-held.ts';
import { families, kazooReadWrite, marks, orderOf } from './families.ts';
import { type Held, holdWhile, OwnershipLostError } from './held.ts';
import type { Hold } from './hold.ts';
import type { Line, Place } from './line.ts';
import { Lock, type LockOptions } from './lock.ts';
import type { AcquireOptions, Lockable } from './lockable.ts';
import { recover } from './recover.ts';
import { told } from './told.ts';
import { withinLimits } from './within-limits.ts';

export interface WriteHeld extends Held {
  /**
   * Becomes a reader in one step: no writer gets in between, other readers may. This handle is
   * released with it.
   */
  downgrade(options?: Abortable): Promise<Held>;
}

export class ReadWriteLock {
  readonly path: string;
  readonly read: Lockable<Held>;
  readonly write: Lockable<WriteHeld>;

  constructor(zk: ZooKeeper, path: string, options: LockOptions = {}) {
    const { layout = 'curator', data, acl } = options;
    const family = layout === 'curator' ? families.curatorReadWrite : kazooReadWrite;
    const reader = family.reader!;
    const writer = layout === 'curator' ? '__WRIT__' : '__lock__';
    const line: Line = { zk, path, layout, family, acl };
    const isWriter = (name: string): boolean => !name.includes(reader);
    const read = new Lock('ReadWriteLock', line, { name: reader, data, blocks: isWriter }, options);
    const all = { name: writer, data, blocks: () => true };
    const write = new Lock('ReadWriteLock', line, all, options);
    this.path = path;
    this.read = sideOf(read, (hold) => hold);
    this.write = sideOf(write, (hold) =>
      extendHeld(hold, { downgrade: (options: Abortable = {}) => downgrade(hold, read, options) }),
    );
  }
}

function sideOf<H extends Held>(lock: Lock, handleOf: (hold: Hold) => H): Lockable<H> {
  const acquire = async (options: AcquireOptions = {}): Promise<H> =>
    handleOf(await lock.acquire(options));
  return {
    acquire,
    tryAcquire: async (options: AcquireOptions = {}) => {
      const hold = await lock.tryAcquire(options);
      return hold === null ? null : handleOf(hold);
    },
    run: async (body, options) => holdWhile(await acquire(options), body),
    contenders: (options = {}) => lock.contenders(options),
  };
}

async function downgrade(hold: Hold, read: Lock, options: Abortable): Promise<Held> {
  const { zk, path } = read.line;
  if (hold.state !== 'held') throw new OwnershipLostError(hold.path, `it is ${hold.state}`);
  if (!hold.isAlone) {
    const message = `downgrade ${path}: somebody else writes by another handle (BadArguments)`;
    throw new ZooKeeperError('BadArguments', message, { op: 'downgrade', path });
  }
  const { node } = hold;
  const exchanged = told(zk, read.recipe, 'downgrade', path, () =>
    node.giveUpFor(() =>
      withinLimits('downgrade', path, options, (signal) => exchange(node.place, read, signal)),
    ),
  );
  return read.own(await exchanged);
}

/** The reader stands where the writer stood: with the same digits in its name. */
async function exchange(
  writer: Place,
  { line, role }: Lock,
  signal: AbortSignal | undefined,
): Promise<Place> {
  const { zk, path: parent, layout, family } = line;
  const name = marks[layout]() + role.name + orderOf(family, writer.name);
  const path = childPath(parent, name);
  try {
    for (;;) {
      try {
        await takeOver(line, writer, path, role.data, signal);
        const stat = await zk.exists(path, { signal });
        if (stat === null || stat.ephemeralOwner !== writer.sessionId) break;
        return { path, name, czxid: stat.czxid, sessionId: writer.sessionId };
      } catch (error) {
        await recover(zk, error, signal);
      }
    }
    throw new OwnershipLostError(writer.path, 'its node is gone');
  } catch (error) {
    zk.delete(path, { missingOk: true, guaranteed: true }).catch(() => {});
    throw error;
  }
}

async function takeOver(
  { zk, acl }: Line,
  writer: Place,
  path: string,
  data: Data | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const parts = [op.create(path, data, { mode: 'ephemeral', acl }), op.delete(writer.path)];
  try {
    await zk.multi(parts, { signal });
  } catch (error) {
    // An earlier try has done it, and its answer was lost.
    if (isZooKeeperError(error, 'NodeExists')) return;
    if (isZooKeeperError(error, 'NoNode')) {
      throw new OwnershipLostError(writer.path, 'its node is gone');
    }
    throw error;
  }
}
