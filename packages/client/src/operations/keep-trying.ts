/**
 * Work that is to be done in the end, though nobody waits for it: it is begun again after each
 * failure that may pass, for as long as there is a client.
 */
import { retries } from '../connection/retry.ts';
import { isZooKeeperError } from '../errors/zookeeper-error.ts';
import type { View } from './view.ts';

const PAUSE_MS = 1000;

const passing = new Set<unknown>([
  'Aborted',
  'ConnectionLoss',
  'OperationTimeout',
  'QueueFull',
  'RequestTimeout',
  'SessionExpired',
  'SessionMoved',
  'ThrottledOp',
]);

/** Whether it may go well once there is a connection again, or somebody has more patience. */
export function mayPass(error: unknown): boolean {
  return isZooKeeperError(error) && passing.has(error.code);
}

/** `work` is handed a view whose calls nobody aborts. */
export function untilDone(view: View, work: (patient: View) => Promise<void>): void {
  const patient = { ...view, signal: undefined, timeout: undefined, retry: retries.cutReads };
  void keepTrying(patient, work);
}

async function keepTrying(view: View, work: (patient: View) => Promise<void>): Promise<void> {
  const { connection } = view;
  while (!connection.isOver) {
    try {
      return await work(view);
    } catch (error) {
      if (!mayPass(error)) return;
    }
    await new Promise<void>((resolve) => connection.host.setTimer(resolve, PAUSE_MS));
    await connection.lifecycle.ready({}).catch(() => {});
  }
}
