/** What a cache tells of its nodes and of itself. */
import type { ZNode } from '../../public.ts';

export type NodeChange<T> =
  | { readonly type: 'created'; readonly node: ZNode<T> }
  | { readonly type: 'changed'; readonly node: ZNode<T>; readonly previous: ZNode<T> }
  | { readonly type: 'deleted'; readonly previous: ZNode<T> };

export type CacheEvent<T> =
  | NodeChange<T>
  /** Everything that was there when it was opened has been read. */
  | { readonly type: 'initialized' }
  /** Something may be different by now: there is no connection, or events were missed. */
  | { readonly type: 'stale' }
  /** What was missed has been read. */
  | { readonly type: 'fresh' }
  /** There is a node that cannot be read, or whose data is no value: it is not in the cache. */
  | { readonly type: 'invalid'; readonly path: string; readonly error: unknown };
