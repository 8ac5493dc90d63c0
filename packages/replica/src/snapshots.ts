/**
 * When a snapshot is taken, and its way to the disk in slices while everything else goes on. Servers
 * of an ensemble should not all do it at once, so the moment is partly left to chance.
 */
import { SnapshotWriter } from '@zabra/tree';
import { Chance } from './chance.ts';
import type { Pipeline } from './pipeline.ts';
import type { ServerState } from './state.ts';

/** What one turn adds; walking this much takes well under a millisecond. */
const SLICE_BYTES = 128 * 1024;
/** Slices on their way to the disk; with more, the walk waits. */
const SLICES_MAX = 4;
/** Nodes that changed ahead of the walk go first; when this much of them waits, it is sent. */
const READY_BYTES_MAX = 1024 * 1024;

export class Snapshots {
  readonly #state: ServerState;
  readonly #pipeline: Pipeline;
  readonly #chance: Chance;
  #writer: SnapshotWriter | null = null;
  /** Slices on their way to the disk, by ticket. */
  readonly #slices = new Map<number, Uint8Array>();
  #finishTicket = 0;
  /** Of the one that is being written. */
  #zxid = 0n;
  /** One is due, and begins when the tree is free. */
  #isWanted = false;
  #startedMs = 0;
  #countMax = 0;
  #bytesMax = 0;

  constructor(state: ServerState, pipeline: Pipeline) {
    this.#state = state;
    this.#pipeline = pipeline;
    this.#chance = new Chance(state.settings.seed);
    this.#drawLimits();
  }

  get isRunning(): boolean {
    return this.#writer !== null || this.#finishTicket !== 0;
  }

  /** Whether a turn would get on with it. */
  get hasWork(): boolean {
    if (this.#isWanted && this.#canStart) return true;
    const writer = this.#writer;
    return writer !== null && !writer.isDone && this.#slices.size < SLICES_MAX;
  }

  get #canStart(): boolean {
    const { part, tree } = this.#state;
    return part.mode !== 'none' && !this.isRunning && tree.witness === null;
  }

  /** Begins one, unless one is running or the tree is walked for somebody else. */
  start(): boolean {
    if (this.isRunning || this.#state.tree.witness !== null) return false;
    this.#isWanted = false;
    const state = this.#state;
    this.#writer = new SnapshotWriter(
      state.tree,
      state.sessions,
      state.appliedHigh,
      state.appliedLow,
      { withDigest: state.settings.tree.digestEnabled, sliceBytes: SLICE_BYTES },
    );
    this.#startedMs = state.nowMs;
    this.#zxid = state.appliedZxid;
    state.disk.push({ kind: 'snapshotBegin', zxid: this.#zxid });
    return true;
  }

  turn(): void {
    this.#startWhenDue();
    const writer = this.#writer;
    if (writer === null) return;
    if (this.#slices.size < SLICES_MAX) writer.advance(SLICE_BYTES);
    else if (writer.readyBytes < READY_BYTES_MAX) return;
    if (writer.readyBytes > 0) {
      const ticket = this.#state.nextTicket();
      const bytes = writer.take();
      this.#slices.set(ticket, bytes);
      this.#state.disk.push({ kind: 'snapshotSlice', ticket, bytes });
    }
    // A snapshot ahead of the log would leave a hole in it.
    if (!writer.isDone || !this.#pipeline.isDurable(writer.zxidHigh, writer.zxidLow)) return;
    this.#writer = null;
    this.#finishTicket = this.#state.nextTicket();
    this.#state.disk.push({ kind: 'snapshotFinish', ticket: this.#finishTicket });
  }

  /** The disk has done what this ticket asked for; false where the ticket is another's. */
  onDone(ticket: number): boolean {
    const slice = this.#slices.get(ticket);
    if (slice !== undefined) {
      this.#slices.delete(ticket);
      this.#writer?.giveBack(slice);
      return true;
    }
    if (ticket !== this.#finishTicket) return false;
    this.#finishTicket = 0;
    const { figures, nowMs } = this.#state;
    figures.snapshotTime.add(nowMs - this.#startedMs);
    return true;
  }

  /** The one that was finished last. */
  get zxid(): bigint {
    return this.#zxid;
  }

  /** One is to be taken as soon as it can be. */
  want(): void {
    this.#isWanted = true;
  }

  /** The tree is another: what is being written of the one before is not wanted any more. */
  drop(): void {
    this.#isWanted = false;
    if (!this.isRunning) return;
    this.#writer?.detach();
    this.#writer = null;
    this.#finishTicket = 0;
    this.#slices.clear();
    this.#state.disk.push({ kind: 'snapshotDrop' });
  }

  #startWhenDue(): void {
    const pipeline = this.#pipeline;
    // What a member has applied and cannot serve may have to be taken back.
    if (this.#state.part.mode === 'none') return;
    if (this.#isWanted && this.start()) return;
    const isDue = pipeline.loggedCount > this.#countMax || pipeline.loggedBytes > this.#bytesMax;
    if (!isDue) return;
    this.#drawLimits();
    pipeline.loggedCount = 0;
    pipeline.loggedBytes = 0;
    // The log rolls even where the snapshot before is still being written.
    this.#state.disk.push({ kind: 'roll' });
    this.#isWanted = !this.start() && !this.isRunning;
  }

  #drawLimits(): void {
    const { snapshotTransactions, snapshotLogBytes } = this.#state.settings;
    const share = this.#chance.next();
    this.#countMax = Math.floor((snapshotTransactions / 2) * (1 + share));
    this.#bytesMax =
      snapshotLogBytes > 0 ? (snapshotLogBytes / 2) * (1 + share) : Number.POSITIVE_INFINITY;
  }
}
