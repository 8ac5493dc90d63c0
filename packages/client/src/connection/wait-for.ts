/** A promise that somebody settles, unless its caller gives up before: by signal or by time. */
import { createError } from '../errors/create-error.ts';
import type { Abortable } from './abortable.ts';
import type { Host } from './host.ts';

export interface Waiter<T> {
  resolve(value: T): void;
  reject(error: Error): void;
}

/** `begin` is handed who waits, and returns what is to be done when nobody does any more. */
export function waitFor<T>(
  host: Host,
  op: string,
  { signal, timeout }: Abortable,
  begin: (waiter: Waiter<T>) => () => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(createError('Aborted', { op, cause: signal.reason }));
      return;
    }
    let isOver = false;
    let timer: unknown = null;
    const settle = (act: () => void): void => {
      if (isOver) return;
      isOver = true;
      signal?.removeEventListener('abort', onAbort);
      if (timer !== null) host.clearTimer(timer);
      stop();
      act();
    };
    const onAbort = (): void =>
      settle(() => reject(createError('Aborted', { op, cause: signal?.reason })));
    const stop = begin({
      resolve: (value) => settle(() => resolve(value)),
      reject: (error) => settle(() => reject(error)),
    });
    signal?.addEventListener('abort', onAbort);
    if (timeout === undefined || timeout === Number.POSITIVE_INFINITY) return;
    timer = host.setTimer(
      () => settle(() => reject(createError('RequestTimeout', { op }))),
      timeout,
    );
  });
}
