/** Handles that can do more than others: the same handle behind further members. */
import type { Held } from './held.ts';
import { Hold } from './hold.ts';

const behind = new WeakMap<Held, Held>();

export function extendHeld<More extends object>(held: Held, more: More): Held & More {
  const plain: Held = {
    get path() {
      return held.path;
    },
    get signal() {
      return held.signal;
    },
    get fencingToken() {
      return held.fencingToken;
    },
    get state() {
      return held.state;
    },
    verify: (options) => held.verify(options),
    release: (options) => held.release(options),
    [Symbol.asyncDispose]: () => held.release(),
  };
  const extended = Object.assign(plain, more);
  behind.set(extended, held);
  return extended;
}

/** Null for what is no handle on a node of its own. */
export function holdBehind(held: Held): Hold | null {
  if (held instanceof Hold) return held;
  const inner = behind.get(held);
  return inner === undefined ? null : holdBehind(inner);
}
