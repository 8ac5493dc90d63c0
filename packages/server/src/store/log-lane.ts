/**
 * Appends and rolls, and between them what else the disk of a member has to do: one thing after the
 * other. Here is decided what becomes of a server whose disk has failed in any of it.
 */
import type { AppendOrder, RollOrder } from '@zabra/replica';
import type { Gate } from './gate.ts';
import { Lane } from './lane.ts';
import type { LogWriter } from './log-writer.ts';
import type { MemberFiles, MemberOrder } from './member-files.ts';
import { StorageError } from './storage-error.ts';
import type { StoreEvents } from './store.ts';
import { describeSystemError, remedyFor } from './system-error.ts';

export type LogOrder = AppendOrder | RollOrder | MemberOrder;

export class LogLane {
  readonly #writer: LogWriter;
  readonly #member: MemberFiles;
  readonly #gate: Gate;
  readonly #events: StoreEvents;
  readonly #warningMs: number;
  readonly #lane: Lane<LogOrder> = new Lane((order) => this.#perform(order));

  constructor(
    writer: LogWriter,
    member: MemberFiles,
    gate: Gate,
    events: StoreEvents,
    warningMs: number,
  ) {
    this.#writer = writer;
    this.#member = member;
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
    const refusal = this.#gate.reason ?? (await this.#try(order));
    if (refusal !== null) this.#events.onFailed(order.ticket, refusal);
  }

  /** Does it and answers; else why there is no telling what became of it. */
  async #try(order: AppendOrder | MemberOrder): Promise<string | null> {
    try {
      if (order.kind === 'append') await this.#append(order);
      else await this.#performForMember(order);
      return null;
    } catch (error) {
      this.#gate.close(failureOf(this.#whatFails(order), error));
      return this.#gate.reason;
    }
  }

  async #append(order: AppendOrder): Promise<void> {
    const startMs = performance.now();
    await this.#writer.append(order);
    const tookMs = performance.now() - startMs;
    if (tookMs >= this.#warningMs) this.#events.onSlowSync(tookMs);
    this.#events.onDone(order.ticket);
  }

  async #performForMember(order: MemberOrder): Promise<void> {
    // Zeros may still be on their way into a log that is cut or read.
    if (order.kind === 'truncate' || order.kind === 'rebuild') await this.#writer.close();
    await this.#member.perform(order);
  }

  #whatFails(order: AppendOrder | MemberOrder): string {
    if (order.kind !== 'append') return this.#member.whatFails(order);
    return `The transaction log ${this.#writer.path} cannot be written`;
  }
}

function failureOf(what: string, error: unknown): string {
  if (error instanceof StorageError) return error.message;
  return `${what}: ${describeSystemError(error)}. Nothing is acknowledged any more and nothing is tried again. ${remedyFor(error)}, then start the server again.`;
}
