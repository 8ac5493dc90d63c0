/**
 * Waits until this server has seen what the leader had committed; the path is echoed.
 *
 *     SyncRequest  = ustring path
 *     SyncResponse = ustring path
 */
import type { Decode, Encode } from '../jute/codec.ts';
import { decodePathOnly, encodePathOnly, type PathOnly } from './path-only.ts';

export type SyncRequest = PathOnly;

export const encodeSyncRequest: Encode<SyncRequest> = encodePathOnly;
export const decodeSyncRequest: Decode<SyncRequest> = decodePathOnly;

export type SyncResponse = PathOnly;

export const encodeSyncResponse: Encode<SyncResponse> = encodePathOnly;
export const decodeSyncResponse: Decode<SyncResponse> = decodePathOnly;
