/**
 * Removes containers that were used and emptied, and TTL nodes whose time is over. At intervals it
 * walks over all of them, no faster than it may delete; each deletion is a transaction that checks
 * again. It keeps no list of its own. In an ensemble only the leader reaps.
 */
import { Field, Identities, internalWrites, Session, ttlMsOf } from '@zabra/tree';
import { JuteWriter, Opcode } from '@zabra/wire';
import type { ServerState } from './state.ts';

const NOBODY = new Identities([]);
/** Transactions of the server's own carry no session. */
const NO_SESSION = new Session(0, 0, 0);
const MS_PER_MINUTE = 60_000;
/** Nodes looked at in one turn at most. */
const LOOKS_PER_TURN = 5000;

export class Reaper {
  readonly #state: ServerState;
  readonly #request = new JuteWriter();
  #walk: Iterator<number> | null = null;
  #nextLookMs = Number.POSITIVE_INFINITY;
  #nextDeletionMs = Number.POSITIVE_INFINITY;

  constructor(state: ServerState) {
    this.#state = state;
  }

  start(): void {
    this.#walk = null;
    this.#nextLookMs = this.#state.nowMs + this.#state.settings.containerCheckIntervalMs;
  }

  nextDueMs(): number {
    const { governs, isClogged } = this.#state.part;
    if (!governs || isClogged) return Number.POSITIVE_INFINITY;
    return this.#walk === null ? this.#nextLookMs : this.#nextDeletionMs;
  }

  turn(): void {
    const { nowMs, settings, tree, part } = this.#state;
    if (!part.governs || part.isClogged) return;
    if (this.#walk === null && nowMs >= this.#nextLookMs) {
      this.#walk = rowsOf([tree.containers, tree.ttlNodes]);
      this.#nextLookMs = nowMs + settings.containerCheckIntervalMs;
      this.#nextDeletionMs = nowMs;
    }
    const pauseMs = MS_PER_MINUTE / settings.containerDeletionsPerMinuteMax;
    for (let i = 0; i < LOOKS_PER_TURN && nowMs >= this.#nextDeletionMs; i += 1) {
      const next = this.#walk?.next();
      if (next === undefined || next.done === true) {
        this.#walk = null;
        return;
      }
      if (!this.#isDue(next.value)) continue;
      this.#delete(next.value);
      this.#nextDeletionMs += pauseMs;
    }
  }

  #isDue(row: number): boolean {
    const { tree, wallMs, settings } = this.#state;
    if (tree.field(row, Field.NumChildren) > 0) return false;
    const mtime = tree.field(row, Field.Mtime) * 2 ** 32 + (tree.field(row, Field.Mtime + 4) >>> 0);
    const age = wallMs - mtime;
    if (tree.containers.has(row)) {
      if (tree.field(row, Field.Cversion) > 0) return true;
      const neverUsedMs = settings.containerNeverUsedMsMax;
      return neverUsedMs > 0 && age > neverUsedMs;
    }
    const { high, low } = tree.ownerOf(row);
    return age > ttlMsOf(high, low);
  }

  #delete(row: number): void {
    const request = this.#request;
    request.position = 0;
    request.int(this.#state.tree.pathLength(row));
    this.#state.tree.writePath(row, request);
    this.#state.part.write(
      null,
      NO_SESSION,
      NOBODY,
      0,
      Opcode.DeleteContainer,
      internalWrites.get(Opcode.DeleteContainer)!,
      request.bytes,
      request.view,
      0,
      request.position,
    );
  }
}

/** One set after the other, as they are when the walk comes by. */
function* rowsOf(sets: readonly Iterable<number>[]): Generator<number> {
  for (const rows of sets) yield* rows;
}
