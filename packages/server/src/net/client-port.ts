/**
 * Where clients connect: one port, which a change of members may move. Clients that are connected
 * stay where they are. A port that cannot be had where it was moved to is tried for ever, since the
 * ensemble has agreed on it; only the first one is refused at the start.
 */
import { isWildcardHost, type ServerAddress } from '@zabra/wire';
import type { Accepted } from './accept.ts';
import { Listener, type ListenOptions } from './listener.ts';

const RETRY_MS = 1000;

export interface ClientPortEvents {
  onClient(client: Accepted): void;
  onMoved(port: number): void;
  onNotice(text: string): void;
}

export class ClientPort {
  readonly #events: ClientPortEvents;
  #place: ListenOptions;
  #listener: Listener | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(place: ListenOptions, events: ClientPortEvents) {
    this.#place = place;
    this.#events = events;
  }

  /** 0 while it is not open. */
  get port(): number {
    return this.#listener?.port ?? 0;
  }

  get host(): string {
    return this.#listener?.host ?? 'localhost';
  }

  /** Rejects where it cannot be had. */
  async open(): Promise<void> {
    const place = this.#place;
    this.#keep(place, await this.#listen(place));
  }

  move({ host, port }: ServerAddress): void {
    const address = isWildcardHost(host) ? undefined : host;
    if (port === this.#place.port && address === this.#place.address) return;
    this.#place = { ...this.#place, port, address };
    // First, for it may be the same port at another address.
    this.#listener?.close();
    this.#listener = null;
    this.#reopen(this.#place, true);
  }

  /** No further clients; those that are connected stay. */
  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#listener?.close();
  }

  #listen(place: ListenOptions): Promise<Listener> {
    return Listener.open(place, (client) => this.#events.onClient(client));
  }

  #reopen(place: ListenOptions, isFirst: boolean): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    const onRefused = (error: Error): void => {
      if (this.#isClosed || place !== this.#place) return;
      if (isFirst) this.#events.onNotice(`clients cannot connect: ${error.message}`);
      this.#timer = setTimeout(() => this.#reopen(place, false), RETRY_MS);
    };
    const onOpen = (listener: Listener): void => {
      if (this.#keep(place, listener)) this.#events.onMoved(listener.port);
    };
    void this.#listen(place).then(onOpen, onRefused);
  }

  /** False where it has been closed or moved on meanwhile. */
  #keep(place: ListenOptions, listener: Listener): boolean {
    const isWanted = !this.#isClosed && place === this.#place;
    if (isWanted) this.#listener = listener;
    else listener.close();
    return isWanted;
  }
}
