/** A watch that stays: what it is told, and what a program holds of it. */
import type { Abortable } from '../connection/abortable.ts';
import type { WatchEventType } from '../connection/watchers.ts';
import type { WatchEvent } from './watch-event.ts';

export interface WatchOptions extends Abortable {
  /** Everything below as well; then children are told of one by one, not as `children`. */
  readonly recursive?: boolean | undefined;
  /** All, unless some are named; a `resync` always comes. */
  readonly types?: readonly WatchEventType[] | undefined;
  /** Called with each event at once; then there is nothing to iterate over. */
  readonly listener?: ((event: WatchEvent) => void) | undefined;
  /** How many events wait to be taken. */
  readonly buffer?: number | undefined;
  /**
   * When more would wait: `coalesce` keeps the newest of each path, and a `resync` where that does not
   * do; `resync` keeps only that; `error` ends the watch with an Overflow error.
   */
  readonly overflow?: Overflow | undefined;
}

export type Overflow = 'coalesce' | 'resync' | 'error';

/** Can be iterated over once; leaving the loop closes it. */
export interface Watch extends AsyncIterable<WatchEvent>, AsyncDisposable {
  readonly path: string;
  /** From then on nothing is missed; rejects if the watch cannot be set. */
  readonly armed: Promise<void>;
  /** Resolves when the server has been told, if there is one to tell. */
  close(): Promise<void>;
}
