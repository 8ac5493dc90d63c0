/**
 * A store without files, for tests and for servers whose data may die with them. It answers as a
 * disk does, later and in order, with one wake-up for all orders of a turn.
 */
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

  perform(order: DiskOrder): void {
    if (!('ticket' in order)) return;
    if (this.#tickets.length === 0) setImmediate(() => this.#answer());
    this.#tickets.push(order.ticket);
  }

  sizes(): StoreSizes {
    return { snapshotBytes: 0, logBytes: 0 };
  }

  async purge(): Promise<readonly string[]> {
    return [];
  }

  async close(): Promise<void> {
    this.#answer();
    this.#isClosed = true;
  }

  #answer(): void {
    if (this.#isClosed) return;
    const tickets = this.#tickets;
    this.#tickets = [];
    for (const ticket of tickets) this.#events.onDone(ticket);
  }
}
