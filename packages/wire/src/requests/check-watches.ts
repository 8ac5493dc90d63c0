/**
 * Asks whether this connection watches a path; the reply is a header alone.
 *
 *     CheckWatchesRequest = ustring path, int type
 */
import type { Decode, Encode } from '../jute/codec.ts';
import {
  decodePathWatcherType,
  encodePathWatcherType,
  type PathWatcherType,
} from './watcher-type.ts';

export type CheckWatchesRequest = PathWatcherType;

export const encodeCheckWatchesRequest: Encode<CheckWatchesRequest> = encodePathWatcherType;
export const decodeCheckWatchesRequest: Decode<CheckWatchesRequest> = decodePathWatcherType;
