/** Appends and rolls, one after the other, and what becomes of a server whose append has failed. */
import type { AppendOrder, RollOrder } from '@zabra/replica';
import type { Gate } from './gate.ts';
import { Lane } from './lane.ts';
import type { LogWriter } from './log-writer.ts';
import type { StoreEvents } from './store.ts';
import { describeSystemError, remedyFor } from './system-error.ts';

export type LogOrder = AppendOrder | RollOrder;

export class LogLane {
  readonly #writer: LogWriter;
  readonly #gate: Gate;
  readonly #events: StoreEvents;
  readonly #warningMs: number;
  readonly #lane: Lane<LogOrder> = new Lane((order) => this.#perform(order));

  constructor(writer: LogWriter, gate: Gate, events: StoreEvents, warningMs: number) {
    this.#writer = writer;
    this.#gate = gate;
    this.#events = events;
    this.#warningMs = warningMs;
  }

  push(order: LogOrder): void {
    this.#lane.push(order);
  }

  async close(): Promise<void> {
    await this.#lane.idle();
    await this.#writer.close();
  }

  async #perform(order: LogOrder): Promise<void> {
    if (order.kind === 'roll') {
      this.#writer.roll();
      return;
    }
    const refusal = await this.#append(order);
    if (refusal === null) this.#events.onDone(order.ticket);
    else this.#events.onFailed(order.ticket, refusal);
  }

  /** Why there is no telling what became of it; null when it is safe. */
  async #append(order: AppendOrder): Promise<string | null> {
    if (this.#gate.reason !== null) return this.#gate.reason;
    const startMs = performance.now();
    try {
      await this.#writer.append(order);
    } catch (error) {
      this.#gate.close(failureOf(this.#writer.path, error));
      return this.#gate.reason;
    }
    const tookMs = performance.now() - startMs;
    if (tookMs >= this.#warningMs) this.#events.onSlowSync(tookMs);
    return null;
  }
}

function failureOf(path: string, error: unknown): string {
  return `The transaction log ${path} cannot be written: ${describeSystemError(error)}. Nothing is acknowledged any more and nothing is tried again. ${remedyFor(error)}, then start the server again.`;
}
