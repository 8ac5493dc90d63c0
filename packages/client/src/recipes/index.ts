/** The public list of the recipes: what programs build of nodes and watches. */

export { Barrier } from './barriers/barrier.ts';
export { DoubleBarrier, type DoubleBarrierLayout } from './barriers/double-barrier.ts';
export type { CacheEvent, NodeChange } from './cache/cache-event.ts';
export { TreeCache, type TreeCacheOptions } from './cache/tree-cache.ts';
export type { Contender } from './contenders.ts';
export {
  Election,
  type ElectionLayout,
  type ElectionOptions,
  type Leadership,
  type TermOptions,
} from './election.ts';
export type { Layout } from './families.ts';
export { ForeignLayoutError } from './foreign-layout.ts';
export { type Held, type HeldState, type LossPolicy, OwnershipLostError } from './held.ts';
export type { LockOptions } from './lock.ts';
export type { AcquireOptions, Lockable } from './lockable.ts';
export { Group, type GroupOptions } from './membership/group.ts';
export type { GroupLayout } from './membership/group-layout.ts';
export { PersistentNode, type PersistentNodeOptions } from './membership/persistent-node.ts';
export { MultiLock } from './multi-lock.ts';
export { Mutex } from './mutex.ts';
export { type ConsumeOptions, type Handler, Queue, type QueueOptions } from './queue/queue.ts';
export type { QueueItem } from './queue/queue-item.ts';
export type { PutOptions, QueueKind, QueueLayoutName } from './queue/queue-layout.ts';
export { ReadWriteLock, type WriteHeld } from './read-write-lock.ts';
export { requestRevocation } from './revocation.ts';
export { type Lease, type LeaseOptions, Semaphore, type SemaphoreOptions } from './semaphore.ts';
export { SharedCount } from './shared-count.ts';
export { type Counted, Counter, type CounterEncoding, type CountOf } from './values/counter.ts';
export { SharedValue, type SharedValueOptions } from './values/shared-value.ts';
