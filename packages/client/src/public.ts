/**
 * The public list of everything that does not depend on where a client runs. Recipes see nothing
 * else of this package.
 */
export {
  type Acl,
  CREATOR_ACL,
  type Id,
  OPEN_ACL,
  Permission,
  READ_ACL,
} from '@zabra/wire';
export { complain, recipeChannel } from './client.ts';
export type { Codec } from './codecs/codec.ts';
export { type Codecs, codecs } from './codecs/codecs.ts';
export type { Abortable } from './connection/abortable.ts';
export type { Bytes } from './connection/bytes.ts';
export type {
  AuthInfo,
  ClientOptions,
  OfflineQueue,
  ServerList,
} from './connection/connect-options.ts';
export type { ServerInfo } from './connection/host.ts';
export {
  type BackoffOptions,
  type RetryContext,
  type RetryPolicy,
  retries,
} from './connection/retry.ts';
export type { SaslExchange, SaslMechanism } from './connection/sasl.ts';
export type {
  ClientEvents,
  ClientState,
  ClientStats,
  CloseReason,
  Logger,
  ServerFailure,
  SessionCredentials,
  SessionInfo,
  StatusEvent,
} from './connection/status.ts';
export type {
  Channel,
  ConnectTrace,
  RecipeTrace,
  RequestTrace,
  WatchTrace,
} from './connection/tracing.ts';
export type { WatchEventType } from './connection/watchers.ts';
export type { ErrorCode } from './errors/error-code.ts';
export {
  AuthFailedError,
  BadVersionError,
  ClientClosedError,
  ConnectionLossError,
  MultiError,
  NoAuthError,
  NodeExistsError,
  NoNodeError,
  NotEmptyError,
  NotReadOnlyError,
  QueueFullError,
  RequestAbortedError,
  RequestTimeoutError,
  SessionExpiredError,
  UnreachableError,
} from './errors/kinds.ts';
export { isZooKeeperError, ZooKeeperError } from './errors/zookeeper-error.ts';
export type { NodeAcl, SetAclOptions } from './operations/acl.ts';
export type { Children } from './operations/children.ts';
export type { EnsembleConfig, ReconfigChange } from './operations/config.ts';
export type { CreateOptions } from './operations/create.ts';
export type { Created, NodeOptions } from './operations/create-node.ts';
export type { Data } from './operations/data.ts';
export type { DeleteOptions } from './operations/delete.ts';
export type { EnsureOptions } from './operations/ensure-path.ts';
export type { ZNode } from './operations/get.ts';
export {
  type CheckOp,
  type ChildrenOp,
  type CreateOp,
  type DeleteOp,
  type GetOp,
  type Op,
  op,
  type ReadOp,
  type ReadValueOf,
  type ResultOf,
  type SetOp,
  type VersionOption,
} from './operations/op.ts';
export { withoutProtection } from './operations/protection.ts';
export type { ReadOptions } from './operations/read.ts';
export type { ReadResult, ReadResultOf } from './operations/read-many.ts';
export type { SetOptions } from './operations/set.ts';
export type { Stat } from './operations/stat.ts';
export type { Committed, Slot, Transaction } from './operations/transaction.ts';
export type { WalkOptions } from './operations/walk.ts';
export type { ClientIdentity } from './operations/who-am-i.ts';
export { EventStream, type StreamOptions } from './streams/event-stream.ts';
export type { Change, TypedZooKeeper, UpdateOptions } from './typed/typed-zookeeper.ts';
export { observe, observeChildren } from './watching/observe.ts';
export type { WatchListener } from './watching/one-shot.ts';
export type { Overflow, Watch, WatchOptions } from './watching/watch.ts';
export type { WatchEvent } from './watching/watch-event.ts';
export type { CallDefaults, CloseOptions, ZooKeeper } from './zookeeper.ts';
