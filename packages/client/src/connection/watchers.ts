/**
 * Who is to be told of events, by the number that the session knows them by. What an event means to
 * somebody is theirs to say.
 */
import { asZxid, EventType } from '@zabra/wire';
import type { WatchReport } from '../session/index.ts';
import type { Host } from './host.ts';

export type WatchEventType = 'created' | 'changed' | 'deleted' | 'children';

const types: ReadonlyMap<number, WatchEventType> = new Map([
  [EventType.Created, 'created'],
  [EventType.DataChanged, 'changed'],
  [EventType.Deleted, 'deleted'],
  [EventType.ChildrenChanged, 'children'],
]);

export interface Watcher {
  /** The path is the server's. */
  onEvent(type: WatchEventType, path: string, zxid: bigint | undefined): void;
  /** Events may have been missed: the connection was away. */
  onRearmed(): void;
  /** All watches went with the session. */
  onNewSession(): void;
  /** There will be no more events. */
  onOver(): void;
}

export class Watchers {
  readonly #host: Host;
  readonly #watchers = new Map<number, Watcher>();
  #next = 1;

  constructor(host: Host) {
    this.#host = host;
  }

  add(watcher: Watcher): number {
    const id = this.#next;
    this.#next += 1;
    this.#watchers.set(id, watcher);
    return id;
  }

  remove(id: number): void {
    this.#watchers.delete(id);
  }

  onReport({ type, path, watchers, zxidHigh, zxidLow }: WatchReport): void {
    const name = types.get(type);
    if (name === undefined) return;
    if (this.#host.tracing.isWatchHeard) {
      this.#host.tracing.watch({ type: name, path, listeners: watchers.length });
    }
    const zxid = asZxid((BigInt(zxidHigh) << 32n) | BigInt(zxidLow >>> 0));
    for (const id of watchers) {
      this.#watchers.get(id)?.onEvent(name, path, zxid > 0n ? zxid : undefined);
    }
  }

  onRearmed(): void {
    for (const watcher of [...this.#watchers.values()]) watcher.onRearmed();
  }

  onNewSession(): void {
    for (const watcher of [...this.#watchers.values()]) watcher.onNewSession();
  }

  onOver(): void {
    for (const watcher of [...this.#watchers.values()]) watcher.onOver();
    this.#watchers.clear();
  }
}
