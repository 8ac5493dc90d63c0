/**
 * Who waits for a node to change or to go. However many wait for one node through one client, and
 * however often somebody began to wait and gave up, one watch is set for it.
 */
import type { ZooKeeper } from '../public.ts';
import { aborted } from './within-limits.ts';

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

type Waiters = Set<Waiter>;

const clients = new WeakMap<ZooKeeper, Map<string, Waiters>>();

/**
 * Resolves when there was a change, when there is no such node, and when it cannot be told any more:
 * whoever waited looks again.
 */
export function untilItStirs(
  zk: ZooKeeper,
  path: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const waiters = waitersFor(zk, path);
    const settle = (act: () => void): void => {
      waiters.delete(waiter);
      signal?.removeEventListener('abort', giveUp);
      act();
    };
    const giveUp = (): void => settle(() => reject(aborted('wait', path, signal!)));
    const waiter: Waiter = {
      resolve: () => settle(resolve),
      reject: (error) => settle(() => reject(error)),
    };
    waiters.add(waiter);
    if (signal?.aborted === true) giveUp();
    else signal?.addEventListener('abort', giveUp);
  });
}

function waitersFor(zk: ZooKeeper, path: string): Waiters {
  const paths = clients.get(zk) ?? new Map<string, Waiters>();
  clients.set(zk, paths);
  const known = paths.get(path);
  if (known !== undefined) return known;
  const waiters: Waiters = new Set();
  paths.set(path, waiters);
  const end = (act: (waiter: Waiter) => void): void => {
    zk.off('closed', wake);
    if (paths.get(path) === waiters) paths.delete(path);
    for (const waiter of [...waiters]) act(waiter);
  };
  const wake = (): void => end((waiter) => waiter.resolve());
  zk.on('closed', wake);
  // Unlike `exists` it leaves no watch behind where there is no node.
  zk.get(path, { watch: wake }).catch((error) => end((waiter) => fail(waiter, error)));
  return waiters;
}

const harmless = new Set<unknown>(['NoNode', 'ConnectionLoss', 'SessionExpired', 'SessionMoved']);

function fail(waiter: Waiter, error: { code?: unknown }): void {
  if (harmless.has(error.code)) waiter.resolve();
  else waiter.reject(error);
}
