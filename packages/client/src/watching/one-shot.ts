/** The watch that a read leaves behind: its listener is called once, with whatever comes first. */

import type { Connection } from '../connection/connection.ts';
import type { Host } from '../connection/host.ts';
import type { WatchEventType, Watcher } from '../connection/watchers.ts';
import { toClientPath } from '../session/index.ts';
import type { WatchEvent } from './watch-event.ts';

export type WatchListener = (event: WatchEvent) => void;

/**
 * Behind what the promises before it have set off: so that events and answers come to the program in
 * the order in which they came from the server.
 */
export function callListener(
  host: Host,
  listener: WatchListener,
  event: WatchEvent,
  isWanted: () => boolean = () => true,
): void {
  queueMicrotask(() => {
    if (!isWanted()) return;
    try {
      listener(event);
    } catch (error) {
      host.complain('the listener of a watch has thrown', error);
    }
  });
}

/** The number by which the session is told of it. */
export function watchOnce(connection: Connection, root: string, listener: WatchListener): number {
  const { watchers, host } = connection;
  const tell = (event: WatchEvent): void => {
    watchers.remove(id);
    callListener(host, listener, event);
  };
  const watcher: Watcher = {
    onEvent: (type: WatchEventType, path, zxid) =>
      tell({ type, path: toClientPath(root, path) ?? path, zxid }),
    onRearmed: () => {},
    onNewSession: () => tell({ type: 'resync', reason: 'new-session' }),
    onOver: () => {},
  };
  const id = watchers.add(watcher);
  return id;
}
