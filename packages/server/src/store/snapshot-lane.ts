/** The orders of a snapshot, one after the other; at most one snapshot is being written. */
import type {
  SnapshotBeginOrder,
  SnapshotDropOrder,
  SnapshotFinishOrder,
  SnapshotSliceOrder,
} from '@zabra/replica';
import type { Gate } from './gate.ts';
import { Lane } from './lane.ts';
import type { SnapshotFileWriter } from './snapshot-file-writer.ts';
import type { StoreEvents } from './store.ts';
import { describeSystemError, remedyFor } from './system-error.ts';

export type SnapshotOrder =
  | SnapshotBeginOrder
  | SnapshotSliceOrder
  | SnapshotFinishOrder
  | SnapshotDropOrder;

type WritingOrder = Exclude<SnapshotOrder, SnapshotDropOrder>;

export interface SnapshotShop {
  /** Where snapshots are written; part of what is said of a failure. */
  readonly directory: string;
  begin(zxid: bigint): Promise<SnapshotFileWriter>;
  /** Makes it a snapshot that a start may rely on. */
  finish(writer: SnapshotFileWriter): Promise<void>;
}

export class SnapshotLane {
  readonly #shop: SnapshotShop;
  readonly #gate: Gate;
  readonly #events: StoreEvents;
  readonly #lane: Lane<SnapshotOrder> = new Lane((order) => this.#perform(order));
  #writer: SnapshotFileWriter | null = null;
  /** Why the snapshot being ordered will not come to be. */
  #failure: string | null = null;

  constructor(shop: SnapshotShop, gate: Gate, events: StoreEvents) {
    this.#shop = shop;
    this.#gate = gate;
    this.#events = events;
  }

  push(order: SnapshotOrder): void {
    this.#lane.push(order);
  }

  /** Resolves when no order is under way. */
  idle(): Promise<void> {
    return this.#lane.idle();
  }

  async close(): Promise<void> {
    await this.idle();
    await this.#discard();
  }

  async #perform(order: SnapshotOrder): Promise<void> {
    if (order.kind === 'snapshotDrop') {
      await this.#discard();
      return;
    }
    if (order.kind === 'snapshotBegin') {
      await this.#discard();
      this.#failure = null;
    }
    const refusal = await this.#try(order);
    if (order.kind === 'snapshotBegin') return;
    if (refusal === null) this.#events.onDone(order.ticket);
    else this.#events.onFailed(order.ticket, refusal);
  }

  async #try(order: WritingOrder): Promise<string | null> {
    const refusal = this.#gate.reason ?? this.#failure;
    if (refusal !== null) {
      await this.#discard();
      return refusal;
    }
    try {
      await this.#write(order);
    } catch (error) {
      this.#failure = failureOf(this.#writer?.path ?? this.#shop.directory, error);
      await this.#discard();
    }
    return this.#failure;
  }

  async #write(order: WritingOrder): Promise<void> {
    if (order.kind === 'snapshotBegin') {
      this.#writer = await this.#shop.begin(order.zxid);
      return;
    }
    const writer = this.#writer;
    if (writer === null) throw new Error('no snapshot was begun');
    if (order.kind === 'snapshotSlice') {
      await writer.add(order.bytes);
      return;
    }
    await this.#shop.finish(writer);
    this.#writer = null;
  }

  async #discard(): Promise<void> {
    const writer = this.#writer;
    this.#writer = null;
    await writer?.discard();
  }
}

function failureOf(path: string, error: unknown): string {
  return `The snapshot ${path} cannot be written: ${describeSystemError(error)}. What was written of it is removed. ${remedyFor(error)}, then start the server again.`;
}
