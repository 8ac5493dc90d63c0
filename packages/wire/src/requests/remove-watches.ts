/**
 * Forgets watches of this connection on a path; the reply is a header alone.
 *
 *     RemoveWatchesRequest = ustring path, int type
 */
import type { Decode, Encode } from '../jute/codec.ts';
import {
  decodePathWatcherType,
  encodePathWatcherType,
  type PathWatcherType,
} from './watcher-type.ts';

export type RemoveWatchesRequest = PathWatcherType;

export const encodeRemoveWatchesRequest: Encode<RemoveWatchesRequest> = encodePathWatcherType;
export const decodeRemoveWatchesRequest: Decode<RemoveWatchesRequest> = decodePathWatcherType;
