/** Errors that leave it open what came of a request. */
import { isZooKeeperError } from '../public.ts';

/** The connection broke or the session ended, behind a request that may have been done. */
export function isCut(error: unknown): boolean {
  return isZooKeeperError(error, 'ConnectionLoss') || isZooKeeperError(error, 'SessionExpired');
}
