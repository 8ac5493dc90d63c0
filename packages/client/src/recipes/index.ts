/** The public list of the recipes: what programs build of nodes and watches. */
export type { CacheEvent, NodeChange } from './cache/cache-event.ts';
export { TreeCache, type TreeCacheOptions } from './cache/tree-cache.ts';
