/**
 * The state of a client and everybody who waits for it to change: listeners, iterators, `ready` and
 * `closed`. Nobody has to listen: nothing here is ever thrown into the program.
 */
import { createError } from '../errors/create-error.ts';
import type { ZooKeeperError } from '../errors/zookeeper-error.ts';
import { EventStream } from '../streams/event-stream.ts';
import type { Abortable } from './abortable.ts';
import type { Host } from './host.ts';
import type { ClientEvents, ClientState, CloseReason, Logger, StatusEvent } from './status.ts';
import { waitFor } from './wait-for.ts';

/** Whoever reads its status more slowly than that misses the oldest events. */
const STATUS_EVENTS_MAX = 256;

type Listener = (event: never) => void;

export class Lifecycle {
  readonly closed: Promise<CloseReason>;
  state: ClientState = 'connecting';
  /** Why nothing will be answered any more; null while something may. */
  end: ZooKeeperError | null = null;
  readonly #host: Host;
  readonly #logger: Logger | null;
  readonly #listeners = new Map<keyof ClientEvents, Set<Listener>>();
  readonly #streams = new Set<EventStream<StatusEvent>>();
  readonly #waiting = new Set<{ resolve: () => void; reject: (error: Error) => void }>();
  #settleClosed!: (reason: CloseReason) => void;

  constructor(host: Host, logger: Logger | null) {
    this.#host = host;
    this.#logger = logger;
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
  }

  get isConnected(): boolean {
    return this.state === 'connected' || this.state === 'read-only';
  }

  /** Resolves when there is a connection on which requests are answered. */
  ready(options: Abortable): Promise<void> {
    if (this.end !== null) return Promise.reject(this.end);
    if (this.isConnected) return Promise.resolve();
    return waitFor(this.#host, 'ready', options, (waiter) => {
      this.#waiting.add(waiter);
      return () => this.#waiting.delete(waiter);
    });
  }

  status({ signal }: Abortable): AsyncIterableIterator<StatusEvent> {
    const stop = (): void => void stream.return();
    const stream = new EventStream<StatusEvent>({
      max: STATUS_EVENTS_MAX,
      onFull: (queue, next) => {
        queue.shift();
        queue.push(next);
      },
      onReturn: () => {
        this.#streams.delete(stream);
        signal?.removeEventListener('abort', stop);
      },
    });
    if (this.end !== null || signal?.aborted === true) stream.end();
    else {
      this.#streams.add(stream);
      signal?.addEventListener('abort', stop);
    }
    return stream;
  }

  on<E extends keyof ClientEvents>(event: E, listener: (event: ClientEvents[E]) => void): void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener as Listener));
  }

  off<E extends keyof ClientEvents>(event: E, listener: (event: ClientEvents[E]) => void): void {
    this.#listeners.get(event)?.delete(listener as Listener);
  }

  tell(event: StatusEvent): void {
    if (this.#host.tracing.isStateHeard) this.#host.tracing.state(event);
    this.#log(event);
    for (const stream of this.#streams) stream.push(event);
    this.#call(event.type, event);
    this.#call('status', event);
  }

  /** Those who waited for a connection are told behind those who listen. */
  letGo(): void {
    for (const { resolve } of this.#take()) resolve();
  }

  /** Nothing will be answered any more. */
  finish(state: 'closed' | 'auth-failed', reason: CloseReason): void {
    this.state = state;
    this.end = reason.type === 'closed' ? createError('Closed') : reason.error;
    for (const { reject } of this.#take()) reject(this.end);
    this.tell({ type: 'closed', reason });
    for (const stream of this.#streams) stream.end();
    this.#streams.clear();
    this.#settleClosed(reason);
  }

  #take(): { resolve: () => void; reject: (error: Error) => void }[] {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    return waiting;
  }

  #call(name: keyof ClientEvents, event: StatusEvent): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        listener(event as never);
      } catch (error) {
        this.#host.complain(`a listener of '${name}' has thrown`, error);
      }
    }
  }

  #log(event: StatusEvent): void {
    if (this.#logger === null) return;
    try {
      writeLine(this.#logger, event);
    } catch (error) {
      this.#host.complain('the logger has thrown', error);
    }
  }
}

function writeLine(logger: Logger, { type, ...facts }: StatusEvent): void {
  if (type === 'connecting') logger.debug(type, facts);
  else if (type === 'connected' || type === 'servers' || type === 'closed') {
    logger.info(type, facts);
  } else logger.warn(type, facts);
}
