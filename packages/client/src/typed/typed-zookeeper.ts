/** Nodes as values of one type. */
import type { Abortable } from '../connection/abortable.ts';
import type { CreateOptions } from '../operations/create.ts';
import type { Created } from '../operations/create-node.ts';
import type { ZNode } from '../operations/get.ts';
import type { ReadOptions } from '../operations/read.ts';
import type { SetOptions } from '../operations/set.ts';
import type { Stat } from '../operations/stat.ts';

/** How a node is created by `update` where there is none. */
export type UpdateOptions = Omit<CreateOptions, 'sequential' | 'protect' | 'orSet'>;

/** The value that is to be there instead, or undefined to leave it as it is. */
export type Change<T> = (current: T | undefined, stat: Stat | undefined) => T | undefined;

export interface TypedZooKeeper<T> {
  create(path: string, value: T, options?: CreateOptions): Promise<Created>;
  get(path: string, options?: ReadOptions): Promise<ZNode<T>>;
  set(path: string, value: T, options?: SetOptions): Promise<Stat>;
  /**
   * Reads, changes and writes, again and again until nobody else wrote in between; creates the node
   * where there is none. The answer is null if there is none and `change` wanted none.
   */
  update(path: string, change: Change<T>, options?: UpdateOptions): Promise<ZNode<T> | null>;
  /** The value now, and whenever it changes; null while there is no node. */
  observe(path: string, options?: Abortable): AsyncIterableIterator<ZNode<T> | null>;
}
