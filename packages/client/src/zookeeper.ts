/** What a program holds: a client, or a view of one that shares its session. */
import type { Acl } from '@zabra/wire';
import type { Codec } from './codecs/codec.ts';
import type { Abortable } from './connection/abortable.ts';
import type { AuthInfo, ServerList } from './connection/connect-options.ts';
import type { ServerInfo } from './connection/host.ts';
import type { RetryPolicy } from './connection/retry.ts';
import type {
  ClientEvents,
  ClientState,
  ClientStats,
  CloseReason,
  SessionCredentials,
  SessionInfo,
  StatusEvent,
} from './connection/status.ts';
import type { NodeAcl, SetAclOptions } from './operations/acl.ts';
import type { Children } from './operations/children.ts';
import type { EnsembleConfig, ReconfigChange } from './operations/config.ts';
import type { CreateOptions } from './operations/create.ts';
import type { Created } from './operations/create-node.ts';
import type { Data } from './operations/data.ts';
import type { DeleteOptions } from './operations/delete.ts';
import type { EnsureOptions } from './operations/ensure-path.ts';
import type { ZNode } from './operations/get.ts';
import type { Op, ReadOp, ResultOf } from './operations/op.ts';
import type { ReadOptions } from './operations/read.ts';
import type { ReadResultOf } from './operations/read-many.ts';
import type { SetOptions } from './operations/set.ts';
import type { Stat } from './operations/stat.ts';
import type { Committed, Transaction } from './operations/transaction.ts';
import type { WalkOptions } from './operations/walk.ts';
import type { ClientIdentity } from './operations/who-am-i.ts';
import type { TypedZooKeeper } from './typed/typed-zookeeper.ts';
import type { Watch, WatchOptions } from './watching/watch.ts';

/** What all calls through a view have in common, unless they say otherwise. */
export interface CallDefaults extends Abortable {
  readonly retry?: RetryPolicy;
  readonly acl?: readonly Acl[];
}

export interface CloseOptions {
  /** Milliseconds to wait for the server; a session timeout unless it is given. */
  readonly timeout?: number;
  /** Leaves the session alive, to be taken up with the credentials that are returned. */
  readonly keepSession?: boolean;
}

export interface ZooKeeper extends AsyncDisposable {
  readonly state: ClientState;
  readonly session: SessionInfo | undefined;
  readonly server: ServerInfo | undefined;
  /** Resolves at the end, with its reason; never rejects. */
  readonly closed: Promise<CloseReason>;
  readonly stats: ClientStats;
  /** The path of the server that is `/` here. */
  readonly namespace: string;

  /** Resolves when there is a connection; rejects when there will be none any more. */
  ready(options?: Abortable): Promise<void>;
  /** What happens from now on. A reader that lags by more than 256 events misses the oldest. */
  status(options?: Pick<Abortable, 'signal'>): AsyncIterableIterator<StatusEvent>;
  on<E extends keyof ClientEvents>(
    event: E,
    listener: (event: ClientEvents[E]) => void,
    options?: Pick<Abortable, 'signal'>,
  ): this;
  off<E extends keyof ClientEvents>(event: E, listener: (event: ClientEvents[E]) => void): this;

  /** `moved` if the connection was left, so that all servers of the new list carry the same. */
  updateServers(servers: ServerList): Promise<'kept' | 'moved'>;
  /** An identity for this and every later connection. */
  addAuth(info: AuthInfo, options?: Abortable): Promise<void>;
  /** Leaves the connection for another; the session stays. */
  reconnect(): void;
  /** Ends the session, behind what was asked before. Of a view it ends nothing. */
  close(options?: CloseOptions): Promise<SessionCredentials | undefined>;

  /** The subtree at `prefix` as if it were everything, on the same session. */
  namespaced(prefix: string): ZooKeeper;
  typed<T>(codec: Codec<T>): TypedZooKeeper<T>;
  with(defaults: CallDefaults): ZooKeeper;

  create(path: string, data?: Data, options?: CreateOptions): Promise<Created>;
  get(path: string, options?: ReadOptions): Promise<ZNode>;
  /** Null where there is no such node. */
  exists(path: string, options?: ReadOptions): Promise<Stat | null>;
  set(path: string, data: Data, options?: SetOptions): Promise<Stat>;
  /** False where there was no such node and `missingOk` was said. */
  delete(path: string, options?: DeleteOptions): Promise<boolean>;
  children(path: string, options?: ReadOptions): Promise<Children>;
  /** Of all depths. */
  childCount(path: string, options?: Abortable): Promise<number>;
  getAcl(path: string, options?: Abortable): Promise<NodeAcl>;
  setAcl(path: string, acl: readonly Acl[], options?: SetAclOptions): Promise<Stat>;
  sync(path?: string, options?: Abortable): Promise<void>;
  ensurePath(path: string, options?: EnsureOptions): Promise<void>;
  walk(path: string, options?: WalkOptions): AsyncIterableIterator<ZNode>;
  ephemerals(path?: string, options?: Abortable): Promise<readonly string[]>;
  whoAmI(options?: Abortable): Promise<readonly ClientIdentity[]>;
  config(options?: ReadOptions): Promise<EnsembleConfig>;
  reconfig(change: ReconfigChange, options?: Abortable): Promise<EnsembleConfig>;

  multi<const O extends readonly Op[]>(
    ops: O,
    options?: Abortable,
  ): Promise<{ -readonly [K in keyof O]: ResultOf<O[K]> }>;
  transaction<R>(
    build: (transaction: Transaction) => R,
    options?: Abortable,
  ): Promise<Committed<R>>;
  readMany<const O extends readonly ReadOp[]>(
    ops: O,
    options?: Abortable,
  ): Promise<{ -readonly [K in keyof O]: ReadResultOf<O[K]> }>;

  watch(path: string, options?: WatchOptions): Watch;
}
