/**
 * Removes containers that were used and emptied, and TTL nodes whose time is over. It looks for them
 * at intervals and deletes at a bounded rate; each deletion is a transaction that checks again.
 */
import { Field, Identities, internalWrites, Session, ttlMsOf } from '@zabra/tree';
import { encodeUtf8, JuteWriter, Opcode } from '@zabra/wire';
import type { Pipeline } from './pipeline.ts';
import type { ServerState } from './state.ts';

const NOBODY = new Identities([]);
/** Transactions of the server's own carry no session. */
const NO_SESSION = new Session(0, 0, 0);
const MS_PER_MINUTE = 60_000;

export class Reaper {
  readonly #state: ServerState;
  readonly #pipeline: Pipeline;
  readonly #request = new JuteWriter();
  #due: string[] = [];
  #nextLookMs = Number.POSITIVE_INFINITY;
  #nextDeletionMs = Number.POSITIVE_INFINITY;

  constructor(state: ServerState, pipeline: Pipeline) {
    this.#state = state;
    this.#pipeline = pipeline;
  }

  start(): void {
    this.#nextLookMs = this.#state.nowMs + this.#state.settings.containerCheckIntervalMs;
  }

  nextDueMs(): number {
    return this.#due.length > 0 ? this.#nextDeletionMs : this.#nextLookMs;
  }

  turn(): void {
    const { nowMs, settings } = this.#state;
    if (this.#due.length === 0 && nowMs >= this.#nextLookMs) {
      this.#due = this.#candidates();
      this.#nextLookMs = nowMs + settings.containerCheckIntervalMs;
      this.#nextDeletionMs = nowMs;
    }
    const pauseMs = MS_PER_MINUTE / settings.containerDeletionsPerMinuteMax;
    while (this.#due.length > 0 && nowMs >= this.#nextDeletionMs) {
      this.#delete(this.#due.pop()!);
      this.#nextDeletionMs += pauseMs;
    }
  }

  #candidates(): string[] {
    const { tree } = this.#state;
    const rows = [...tree.containers, ...tree.ttlNodes].filter((row) => this.#isDue(row));
    return rows.map((row) => tree.pathOf(row));
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
    if (!tree.ttlNodes.has(row)) return false;
    const { high, low } = tree.ownerOf(row);
    return age > ttlMsOf(high, low);
  }

  /** The node may have gone, come back as another or been used since it was chosen. */
  #delete(path: string): void {
    const row = this.#state.tree.findPath(path);
    if (row < 0 || !this.#isDue(row)) return;
    const request = this.#request;
    request.position = 0;
    request.buffer(encodeUtf8(path));
    this.#pipeline.propose(
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
