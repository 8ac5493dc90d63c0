/** A call of many steps that its caller may give up as a whole, by signal or by time. */
import {
  type Abortable,
  isZooKeeperError,
  RequestAbortedError,
  RequestTimeoutError,
} from '../public.ts';

/** The longest time that timers know. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** `work` hands the signal to each of its steps. */
export async function withinLimits<T>(
  op: string,
  path: string,
  { signal, timeout }: Abortable,
  work: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  const isTimed = timeout !== undefined && timeout <= TIMER_MS_MAX;
  const clock = isTimed ? new AbortController() : null;
  const timer = clock === null ? null : setTimeout(() => clock.abort(), timeout);
  try {
    return await work(eitherOf(signal, clock?.signal));
  } catch (error) {
    if (!isZooKeeperError(error, 'Aborted')) throw error;
    if (signal?.aborted === true) throw aborted(op, path, signal);
    throw clock?.signal.aborted === true ? timedOut(op, path) : error;
  } finally {
    if (timer !== null) clearTimeout(timer);
  }
}

function eitherOf(one?: AbortSignal, other?: AbortSignal): AbortSignal | undefined {
  return one === undefined || other === undefined ? (one ?? other) : AbortSignal.any([one, other]);
}

function timedOut(op: string, path: string): RequestTimeoutError {
  const message = `${op} ${path}: it was not to be had in time (RequestTimeout)`;
  return new RequestTimeoutError('RequestTimeout', message, { op, path });
}

export function aborted(op: string, path: string, signal: AbortSignal): RequestAbortedError {
  const message = `${op} ${path}: its caller gave up (Aborted)`;
  return new RequestAbortedError('Aborted', message, { op, path, cause: signal.reason });
}
