/** The public list of the recipes: what programs build of nodes and watches. */
export type { CacheEvent, NodeChange } from './cache/cache-event.ts';
export { TreeCache, type TreeCacheOptions } from './cache/tree-cache.ts';
export { ForeignLayoutError } from './foreign-layout.ts';
export { type ConsumeOptions, type Handler, Queue, type QueueOptions } from './queue/queue.ts';
export type { QueueItem } from './queue/queue-item.ts';
export type { PutOptions, QueueKind, QueueLayoutName } from './queue/queue-layout.ts';
export { type Counted, Counter, type CounterEncoding, type CountOf } from './values/counter.ts';
export { SharedValue, type SharedValueOptions } from './values/shared-value.ts';
