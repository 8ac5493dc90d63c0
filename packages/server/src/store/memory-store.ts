/**
 * A store without files, for tests and for servers whose data may die with them. It answers as a
 * disk does, later and in order, with one wake-up for all orders of a turn. For a server alone it
 * keeps nothing; for a member what the others may ask of it, on its `MemoryShelf`.
 */
import type { DiskOrder, Recovery } from '@zabra/replica';
import { assert } from '@zabra/wire';
import { MemoryShelf } from './memory-shelf.ts';
import type { Store, StoredMember, StoreEvents, StoreSizes } from './store.ts';

export class MemoryStore implements Store {
  readonly #events: StoreEvents;
  readonly #createRecovery: (() => Recovery) | null;
  readonly #shelf: MemoryShelf | null;
  #answers: (() => unknown)[] = [];
  #isClosed = false;

  /** For a member, `createRecovery` makes one for whoever wants everything read again. */
  constructor(events: StoreEvents, createRecovery: (() => Recovery) | null = null) {
    this.#events = events;
    this.#createRecovery = createRecovery;
    this.#shelf = createRecovery === null ? null : new MemoryShelf();
  }

  async recover(recovery: Recovery): Promise<void> {
    recovery.startEmpty();
  }

  async readMember(): Promise<StoredMember> {
    return {
      acceptedEpoch: 0,
      currentEpoch: 0,
      oldestSnapshotZxid: null,
      logFromZxid: 0n,
      isUntrusted: false,
    };
  }

  perform(order: DiskOrder): void {
    const shelf = this.#shelf;
    if (shelf !== null) this.#keep(shelf, order);
    if (order.kind === 'rebuild') this.#rebuild(order.ticket);
    else if ('ticket' in order) this.#answer(() => this.#events.onDone(order.ticket));
  }

  sizes(): StoreSizes {
    return { snapshotBytes: 0, logBytes: 0 };
  }

  async purge(): Promise<readonly string[]> {
    return [];
  }

  async close(): Promise<void> {
    this.#answerAll();
    this.#isClosed = true;
  }

  #keep(shelf: MemoryShelf, order: DiskOrder): void {
    switch (order.kind) {
      case 'append':
        shelf.append(order.bytes);
        break;
      case 'snapshotBegin':
        shelf.beginSnapshot(order.zxid);
        break;
      case 'snapshotSlice':
        shelf.addSlice(order.bytes);
        break;
      case 'snapshotFinish':
        this.#finishSnapshot(shelf);
        break;
      case 'snapshotDrop':
        shelf.dropSnapshot();
        break;
      case 'truncate':
        shelf.cutAbove(order.zxid);
        break;
      case 'openLog':
        shelf.openReader(order.reader, order.from);
        break;
      case 'pullLog':
        this.#pull(shelf, order.reader, order.byteCount);
        break;
      case 'closeLog':
        shelf.closeReader(order.reader);
        break;
      default:
    }
  }

  #finishSnapshot(shelf: MemoryShelf): void {
    const isFirst = shelf.snapshotZxid === null;
    const zxid = shelf.finishSnapshot();
    // The one before it is gone.
    if (zxid !== null && !isFirst) this.#answer(() => this.#events.onPurged(zxid));
  }

  #pull(shelf: MemoryShelf, reader: number, byteCount: number): void {
    const piece = shelf.pull(reader, byteCount);
    if (piece === null) return;
    this.#answer(() => this.#events.onLogRead(reader, piece.bytes, piece.end));
  }

  #rebuild(ticket: number): void {
    const shelf = this.#shelf;
    assert(shelf !== null, 'only a member asks for what it has stored');
    const recovery = this.#createRecovery!();
    this.#answer(async () => {
      const problem = await shelf.read(recovery);
      if (this.#isClosed) return;
      if (problem === null) this.#events.onRebuilt(ticket, recovery);
      else this.#events.onFailed(ticket, problem);
    });
  }

  #answer(answer: () => unknown): void {
    if (this.#answers.length === 0) setImmediate(() => this.#answerAll());
    this.#answers.push(answer);
  }

  #answerAll(): void {
    if (this.#isClosed) return;
    const answers = this.#answers;
    this.#answers = [];
    for (const answer of answers) answer();
  }
}
