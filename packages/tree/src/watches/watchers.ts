/** Connections that hold a watch, each by a small number that is its own as long as it holds one. */
import { assert } from '@zabra/wire';
import type { Identities } from '../acl/identity.ts';
import { NONE } from './registrations.ts';
import { KIND_BITS } from './watch-kind.ts';

/** A number and a set of kinds share 32 bits. */
const WATCHERS_MAX = 2 ** (32 - KIND_BITS);

/** A connection's part in the table of watches, which alone may change it. */
export class Watching {
  /** Its number, or NONE while it holds no watch. */
  number: number = NONE;
  /** The first of its registrations. */
  first: number = NONE;
  /** The last event it was told of, so that it is told once. */
  stamp = 0;
  /** Bytes of the long paths that are charged to it. */
  longPathBytes = 0;
}

/** A connection, as far as watches know it. */
export interface Watcher {
  readonly watching: Watching;
  readonly identities: Identities;
}

export class Watchers {
  readonly #byNumber: (Watcher | null)[] = [];
  readonly #free: number[] = [];

  /** The watcher of a number that is in use. */
  of(number: number): Watcher {
    return this.#byNumber[number]!;
  }

  enter(watcher: Watcher): void {
    const number = this.#free.pop() ?? this.#byNumber.length;
    assert(number < WATCHERS_MAX, 'a connection that watches has a number');
    this.#byNumber[number] = watcher;
    watcher.watching.number = number;
  }

  leave(watcher: Watcher): void {
    const { watching } = watcher;
    this.#byNumber[watching.number] = null;
    this.#free.push(watching.number);
    watching.number = NONE;
  }
}
