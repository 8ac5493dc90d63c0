/**
 * How much memory watched paths may take. Those of ordinary length are what a server is asked to
 * keep; long ones, which a client may send up to the length of a frame, have a bound together.
 */
import { assert } from '@zabra/wire';
import type { Connection } from './connection.ts';
import type { ServerState } from './state.ts';

/** Long watched paths of all connections together; beyond it, whoever is charged most is closed. */
const LONG_PATH_BYTES_MAX = 8 * 1024 * 1024;

/**
 * After anything that may have registered a watch. A path that others watch as well stays, charged to
 * the next of them, so it may take more than one to make room.
 */
export function keepWatchBudget(state: ServerState): void {
  while (state.watches.longPathBytes > LONG_PATH_BYTES_MAX) {
    let largest: Connection | null = null;
    let largestBytes = 0;
    for (const connection of state.connections.values()) {
      const { longPathBytes } = connection.watching;
      if (longPathBytes <= largestBytes) continue;
      largest = connection;
      largestBytes = longPathBytes;
    }
    assert(largest !== null, 'every long path is charged to a connection');
    state.close(largest, 'its watches on long paths take too much memory');
  }
}
