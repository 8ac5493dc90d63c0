/** A store that keeps nothing: for tests and throw-away servers. */
import type { DiskOrder, Recovery } from '@zabra/replica';
import type { Store, StoreEvents, StoreSizes } from './store.ts';

export class MemoryStore implements Store {
  readonly #events: StoreEvents;
  #tickets: number[] = [];
  #isClosed = false;

  constructor(events: StoreEvents) {
    this.#events = events;
  }

  async recover(recovery: Recovery): Promise<void> {
    recovery.startEmpty();
  }

  /** Answers come later, all of a turn's together, as a disk's would. */
  perform(order: DiskOrder): void {
    if (!('ticket' in order)) return;
    this.#tickets.push(order.ticket);
    if (this.#tickets.length === 1) setImmediate(this.#answer);
  }

  sizes(): StoreSizes {
    return { snapshotBytes: 0, logBytes: 0 };
  }

  purge(): void {}

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  readonly #answer = (): void => {
    const tickets = this.#tickets;
    this.#tickets = [];
    if (this.#isClosed) return;
    for (const ticket of tickets) this.#events.onDone(ticket);
  };
}
