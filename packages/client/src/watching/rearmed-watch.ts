/**
 * A watch that stays, made of one-shot watches, for servers before 3.6. An event is told when the
 * next watch is set, so that whoever then reads misses nothing behind what it reads. Changes that
 * come close behind each other are told as one.
 */
import type { WatchEventType } from '../connection/watchers.ts';
import { isZooKeeperError } from '../errors/zookeeper-error.ts';
import { children } from '../operations/children.ts';
import { exists } from '../operations/exists.ts';
import type { View } from '../operations/view.ts';
import type { WatchEvent } from './watch-event.ts';

export interface RearmedEvents {
  tell(event: WatchEvent): void;
  /** There will be no more: the next watch could not be set. */
  fail(error: unknown): void;
}

export class RearmedWatch {
  readonly #view: View;
  readonly #path: string;
  readonly #types: ReadonlySet<WatchEventType> | null;
  readonly #events: RearmedEvents;
  #isStopped = false;
  #hasChildWatch = false;

  constructor(
    view: View,
    path: string,
    types: ReadonlySet<WatchEventType> | null,
    events: RearmedEvents,
  ) {
    this.#view = view;
    this.#path = path;
    this.#types = types;
    this.#events = events;
  }

  /** Rejects when the first watches cannot be set. */
  async begin(): Promise<void> {
    await Promise.all([this.#watchNode(null), this.#watchChildren(null)]);
  }

  /** The watches stay at the server until they fire, and nobody hears them. */
  stop(): void {
    this.#isStopped = true;
  }

  async #watchNode(event: WatchEvent | null): Promise<void> {
    if (this.#isStopped) return;
    const stat = await exists(this.#view, this.#path, {
      watch: (next) => this.#goOn(this.#watchNode(next)),
    });
    if (event !== null) this.#tellNode(event, stat !== null);
    if (stat !== null && event !== null) await this.#watchChildren(null);
  }

  /** What the event says, and what has happened since, as far as it can be seen. */
  #tellNode(event: WatchEvent, isThere: boolean): void {
    this.#tellIfWanted(event);
    if (event.type === 'resync') return;
    const wasThere = event.type !== 'deleted';
    if (wasThere && !isThere) this.#tellIfWanted({ ...event, type: 'deleted' });
    if (!wasThere && isThere) this.#tellIfWanted({ ...event, type: 'created' });
  }

  async #watchChildren(event: WatchEvent | null): Promise<void> {
    if (this.#isStopped || this.#hasChildWatch) return;
    if (this.#types !== null && !this.#types.has('children')) return;
    this.#hasChildWatch = true;
    try {
      await children(this.#view, this.#path, {
        watch: (next) => {
          this.#hasChildWatch = false;
          if (next.type === 'children') this.#goOn(this.#watchChildren(next));
        },
      });
    } catch (error) {
      this.#hasChildWatch = false;
      if (!isZooKeeperError(error, 'NoNode')) throw error;
    }
    if (event !== null) this.#tellIfWanted(event);
  }

  #tellIfWanted(event: WatchEvent): void {
    const isWanted = event.type === 'resync' || (this.#types?.has(event.type) ?? true);
    if (isWanted && !this.#isStopped) this.#events.tell(event);
  }

  #goOn(next: Promise<void>): void {
    next.catch((error) => {
      if (!this.#isStopped) this.#events.fail(error);
    });
  }
}
