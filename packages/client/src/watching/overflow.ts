/** What becomes of events for which there is no room. */
import type { WatchEvent } from './watch-event.ts';

const RESYNC: WatchEvent = { type: 'resync', reason: 'overflow' };

/** Whoever looks again has no use for what came before. */
export function keepResync(queue: WatchEvent[]): void {
  queue.length = 0;
  queue.push(RESYNC);
}

/** The newest event of each path; events of children tell another thing than those of the node. */
export function keepNewest(queue: WatchEvent[], next: WatchEvent): void {
  const newest = new Map<string, WatchEvent>();
  for (const event of [...queue, next]) {
    const key = keyOf(event);
    newest.delete(key);
    newest.set(key, event);
  }
  if (newest.size > queue.length) keepResync(queue);
  else queue.splice(0, queue.length, ...newest.values());
}

function keyOf(event: WatchEvent): string {
  if (event.type === 'resync') return '';
  return event.type === 'children' ? `children ${event.path}` : event.path;
}
