/** One time limit for all requests that a call is made of. */
import type { Abortable } from './abortable.ts';

/**
 * The same options, whose `timeout` is what is left of it at the moment it is read, so that each
 * request gets the rest. They have to be handed on, or spread, request by request.
 */
export function withDeadline<O extends Abortable>(caller: Abortable, options: O): O {
  const timeout = options.timeout ?? caller.timeout;
  if (timeout === undefined) return options;
  const endMs = performance.now() + timeout;
  return Object.defineProperty({ ...options }, 'timeout', {
    enumerable: true,
    get: () => Math.max(0, endMs - performance.now()),
  });
}
