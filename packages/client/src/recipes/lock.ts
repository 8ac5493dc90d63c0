/** What a mutex and the two sides of a read-write lock have in common: a line, and a role in it. */
import {
  type Abortable,
  type Acl,
  type Bytes,
  complain,
  type Data,
  ZooKeeperError,
} from '../public.ts';
import { splitPath } from './child-path.ts';
import { type Contender, listContenders } from './contenders.ts';
import { holdBehind } from './extend-held.ts';
import type { Layout } from './families.ts';
import type { Held, LossPolicy } from './held.ts';
import { Hold } from './hold.ts';
import { type Line, type Place, type Role, standInLine } from './line.ts';
import type { AcquireOptions } from './lockable.ts';
import { OwnedNode } from './owned-node.ts';
import { isRevocation } from './revocation.ts';
import { told } from './told.ts';
import { withinLimits } from './within-limits.ts';

export interface LockOptions {
  /** Whose programs it excludes: `curator` (and go-zookeeper) unless `kazoo` is said. */
  readonly layout?: Layout;
  /** For others to see, in the own node: who this is. */
  readonly data?: Data;
  /** When a lock is taken for lost: `suspect` unless `lost` is said. */
  readonly lossPolicy?: LossPolicy;
  readonly acl?: readonly Acl[];
  /** Somebody asks for the lock, by `requestRevocation` or from Curator. */
  readonly onRevoke?: (held: Held) => void;
}

export class Lock {
  readonly recipe: string;
  readonly line: Line;
  readonly role: Role;
  readonly #options: LockOptions;

  constructor(recipe: string, line: Line, role: Role, options: LockOptions) {
    this.recipe = recipe;
    this.line = line;
    this.role = role;
    this.#options = options;
  }

  async acquire(options: AcquireOptions): Promise<Hold> {
    return (await this.#acquire('acquire', true, options))!;
  }

  tryAcquire(options: AcquireOptions): Promise<Hold | null> {
    return this.#acquire('tryAcquire', false, options);
  }

  contenders(options: Abortable): Promise<readonly Contender[]> {
    const { zk, path, family } = this.line;
    return listContenders(zk, path, family, options);
  }

  /** The handle on a place that has come to its turn. */
  own(place: Place): Hold {
    const { onRevoke, lossPolicy } = this.#options;
    const { zk } = this.line;
    const onData =
      onRevoke === undefined
        ? undefined
        : (data: Bytes): void => {
            if (isRevocation(data)) this.#tell(onRevoke, hold);
          };
    const hold = Hold.of(new OwnedNode(place, { zk, lossPolicy, onData }));
    return hold;
  }

  async #acquire(op: string, mayWait: boolean, options: AcquireOptions): Promise<Hold | null> {
    const { zk, path } = this.line;
    if (options.within !== undefined) return this.#again(op, options.within);
    const place = await told(zk, this.recipe, op, path, () =>
      withinLimits(op, path, options, (signal) =>
        standInLine(this.line, this.role, mayWait, signal),
      ),
    );
    return place === null ? null : this.own(place);
  }

  #again(op: string, held: Held): Hold {
    const { path } = this.line;
    const hold = holdBehind(held);
    const isOfThisLock =
      hold !== null && hold.node.zk === this.line.zk && splitPath(hold.path).parent === path;
    if (isOfThisLock && this.#mayEnter(hold)) return hold.share();
    const message = isOfThisLock
      ? `${op} ${path}: a reader that waited to write would wait for itself (BadArguments)`
      : `${op} ${path}: the handle is not one on this lock, by this client (BadArguments)`;
    throw new ZooKeeperError('BadArguments', message, { op, path });
  }

  /** Who writes may read as well; the other way round they would wait for themselves. */
  #mayEnter({ node }: Hold): boolean {
    const { reader } = this.line.family;
    const isReader = reader !== undefined && node.place.name.includes(reader);
    return !isReader || this.role.name === reader;
  }

  #tell(onRevoke: (held: Held) => void, held: Hold): void {
    try {
      onRevoke(held);
    } catch (error) {
      complain(this.line.zk, "a lock's onRevoke has thrown", error);
    }
  }
}
