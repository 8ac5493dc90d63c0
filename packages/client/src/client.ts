/** The one implementation of ZooKeeper: a view of the tree, and its way to the operations. */
import { type Acl, validatePath } from '@zabra/wire';
import type { Codec } from './codecs/codec.ts';
import type { Abortable } from './connection/abortable.ts';
import { type AuthInfo, namedServers, type ServerList } from './connection/connect-options.ts';
import { eitherSignal } from './connection/either-signal.ts';
import type { ServerInfo } from './connection/host.ts';
import type {
  ClientEvents,
  ClientState,
  ClientStats,
  CloseReason,
  SessionCredentials,
  SessionInfo,
  StatusEvent,
} from './connection/status.ts';
import type { Channel, RecipeTrace } from './connection/tracing.ts';
import { pathError } from './errors/create-error.ts';
import { getAcl, type NodeAcl, type SetAclOptions, setAcl } from './operations/acl.ts';
import { childCount } from './operations/child-count.ts';
import { type Children, children } from './operations/children.ts';
import { config, type EnsembleConfig, type ReconfigChange, reconfig } from './operations/config.ts';
import { type CreateOptions, create } from './operations/create.ts';
import type { Created } from './operations/create-node.ts';
import type { Data } from './operations/data.ts';
import { type DeleteOptions, remove } from './operations/delete.ts';
import { type EnsureOptions, ensurePath } from './operations/ensure-path.ts';
import { ephemerals } from './operations/ephemerals.ts';
import { exists } from './operations/exists.ts';
import { get, type ZNode } from './operations/get.ts';
import { multi } from './operations/multi.ts';
import type { Op, ReadOp, ResultOf } from './operations/op.ts';
import type { ReadOptions } from './operations/read.ts';
import { type ReadResultOf, readMany } from './operations/read-many.ts';
import { type SetOptions, set } from './operations/set.ts';
import type { Stat } from './operations/stat.ts';
import { sync } from './operations/sync.ts';
import { type Committed, type Transaction, transaction } from './operations/transaction.ts';
import type { View } from './operations/view.ts';
import { type WalkOptions, walk } from './operations/walk.ts';
import { type ClientIdentity, whoAmI } from './operations/who-am-i.ts';
import { toServerPath } from './session/index.ts';
import { createTyped } from './typed/create-typed.ts';
import type { TypedZooKeeper } from './typed/typed-zookeeper.ts';
import { NodeWatch } from './watching/node-watch.ts';
import type { Watch, WatchOptions } from './watching/watch.ts';
import type { CallDefaults, CloseOptions, ZooKeeper } from './zookeeper.ts';

const NONE: Abortable = {};

export class Client implements ZooKeeper {
  readonly #view: View;
  /** Its end is the end of the session. */
  readonly #isOwner: boolean;

  constructor(view: View, isOwner: boolean) {
    this.#view = view;
    this.#isOwner = isOwner;
  }

  static recipeChannel(zk: ZooKeeper): Channel<RecipeTrace> | null {
    return #view in zk ? zk.#view.connection.host.tracing.recipe : null;
  }

  static complain(zk: ZooKeeper, what: string, error: unknown): void {
    if (#view in zk) zk.#view.connection.host.complain(what, error);
  }

  get state(): ClientState {
    return this.#view.connection.lifecycle.state;
  }

  get session(): SessionInfo | undefined {
    return this.#view.connection.info;
  }

  get server(): ServerInfo | undefined {
    return this.#view.connection.server;
  }

  get closed(): Promise<CloseReason> {
    return this.#view.connection.lifecycle.closed;
  }

  get stats(): ClientStats {
    return this.#view.connection.stats;
  }

  get namespace(): string {
    return this.#view.root === '' ? '/' : this.#view.root;
  }

  async ready(options: Abortable = NONE): Promise<void> {
    const signal = eitherSignal(this.#view.signal, options.signal);
    await this.#view.connection.ready({ timeout: options.timeout, signal });
  }

  status(options: Pick<Abortable, 'signal'> = NONE): AsyncIterableIterator<StatusEvent> {
    return this.#view.connection.lifecycle.status(options);
  }

  on<E extends keyof ClientEvents>(
    event: E,
    listener: (event: ClientEvents[E]) => void,
    { signal }: Pick<Abortable, 'signal'> = NONE,
  ): this {
    if (signal?.aborted === true) return this;
    this.#view.connection.lifecycle.on(event, listener);
    signal?.addEventListener('abort', () => this.off(event, listener), { once: true });
    return this;
  }

  off<E extends keyof ClientEvents>(event: E, listener: (event: ClientEvents[E]) => void): this {
    this.#view.connection.lifecycle.off(event, listener);
    return this;
  }

  async updateServers(servers: ServerList): Promise<'kept' | 'moved'> {
    const { connection } = this.#view;
    const outcome = connection.setServers(namedServers(servers));
    // What comes of it is told in the turn that has been asked for.
    await new Promise<void>((resolve) => connection.host.defer(resolve));
    return outcome;
  }

  addAuth(info: AuthInfo, options: Abortable = NONE): Promise<void> {
    return this.#view.connection.addAuth(this.#view, info, options);
  }

  reconnect(): void {
    this.#view.connection.reconnect();
  }

  async close(options: CloseOptions = {}): Promise<SessionCredentials | undefined> {
    if (!this.#isOwner) return undefined;
    return this.#view.connection.close(options.keepSession === true, options.timeout);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  namespaced(prefix: string): ZooKeeper {
    const problem = validatePath(prefix);
    if (problem !== null) throw pathError('namespaced', prefix, problem);
    const root = prefix === '/' ? this.#view.root : toServerPath(this.#view.root, prefix);
    return new Client({ ...this.#view, root }, false);
  }

  typed<T>(codec: Codec<T>): TypedZooKeeper<T> {
    return createTyped(this, codec);
  }

  with({ retry, acl, timeout, signal }: CallDefaults): ZooKeeper {
    const view = this.#view;
    const own: View = {
      ...view,
      retry: retry ?? view.retry,
      acl: acl ?? view.acl,
      timeout: timeout ?? view.timeout,
      signal: eitherSignal(view.signal, signal),
    };
    return new Client(own, false);
  }

  create(path: string, data?: Data, options?: CreateOptions): Promise<Created> {
    return create(this.#view, path, data, options);
  }

  get(path: string, options?: ReadOptions): Promise<ZNode> {
    return get(this.#view, path, options);
  }

  exists(path: string, options?: ReadOptions): Promise<Stat | null> {
    return exists(this.#view, path, options);
  }

  set(path: string, data: Data, options?: SetOptions): Promise<Stat> {
    return set(this.#view, path, data, options);
  }

  delete(path: string, options?: DeleteOptions): Promise<boolean> {
    return remove(this.#view, path, options);
  }

  children(path: string, options?: ReadOptions): Promise<Children> {
    return children(this.#view, path, options);
  }

  childCount(path: string, options?: Abortable): Promise<number> {
    return childCount(this.#view, path, options);
  }

  getAcl(path: string, options?: Abortable): Promise<NodeAcl> {
    return getAcl(this.#view, path, options);
  }

  setAcl(path: string, acl: readonly Acl[], options?: SetAclOptions): Promise<Stat> {
    return setAcl(this.#view, path, acl, options);
  }

  sync(path = '/', options?: Abortable): Promise<void> {
    return sync(this.#view, path, options);
  }

  ensurePath(path: string, options: EnsureOptions = NONE): Promise<void> {
    return ensurePath(this.#view, path, options);
  }

  walk(path: string, options?: WalkOptions): AsyncIterableIterator<ZNode> {
    return walk(this.#view, path, options);
  }

  ephemerals(path = '/', options?: Abortable): Promise<readonly string[]> {
    return ephemerals(this.#view, path, options);
  }

  whoAmI(options?: Abortable): Promise<readonly ClientIdentity[]> {
    return whoAmI(this.#view, options);
  }

  config(options?: ReadOptions): Promise<EnsembleConfig> {
    return config(this.#view, options);
  }

  reconfig(change: ReconfigChange, options?: Abortable): Promise<EnsembleConfig> {
    return reconfig(this.#view, change, options);
  }

  multi<const O extends readonly Op[]>(
    ops: O,
    options?: Abortable,
  ): Promise<{ -readonly [K in keyof O]: ResultOf<O[K]> }> {
    return multi(this.#view, ops, options);
  }

  transaction<R>(
    build: (transaction: Transaction) => R,
    options?: Abortable,
  ): Promise<Committed<R>> {
    return transaction(this.#view, build, options);
  }

  readMany<const O extends readonly ReadOp[]>(
    ops: O,
    options?: Abortable,
  ): Promise<{ -readonly [K in keyof O]: ReadResultOf<O[K]> }> {
    return readMany(this.#view, ops, options);
  }

  watch(path: string, options: WatchOptions = {}): Watch {
    return new NodeWatch(this.#view, path, options);
  }
}

/** Where recipes tell what they do; null for a client that only looks like one. */
export function recipeChannel(zk: ZooKeeper): Channel<RecipeTrace> | null {
  return Client.recipeChannel(zk);
}

/** Where recipes tell that something in the program's own code has failed. */
export function complain(zk: ZooKeeper, what: string, error: unknown): void {
  Client.complain(zk, what, error);
}
