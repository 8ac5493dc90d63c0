/**
 * The transaction of a refused write: it keeps the refusal's place in the order.
 *
 * Transaction: err int.
 */
import type { Application } from '../application.ts';

export function applyError(a: Application): void {
  a.error = a.reader.int();
}
