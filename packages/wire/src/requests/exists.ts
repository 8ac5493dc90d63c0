/**
 * Does a node exist, and what is its Stat. A missing node is an error and has no body.
 *
 *     ExistsRequest  = ustring path, boolean watch
 *     ExistsResponse = Stat stat
 */
import type { Decode, Encode } from '../jute/codec.ts';
import { decodePathWatch, encodePathWatch, type PathWatch } from './path-watch.ts';
import { decodeStatResponse, encodeStatResponse, type StatResponse } from './stat-response.ts';

export type ExistsRequest = PathWatch;

export const encodeExistsRequest: Encode<ExistsRequest> = encodePathWatch;
export const decodeExistsRequest: Decode<ExistsRequest> = decodePathWatch;

export type ExistsResponse = StatResponse;

export const encodeExistsResponse: Encode<ExistsResponse> = encodeStatResponse;
export const decodeExistsResponse: Decode<ExistsResponse> = decodeStatResponse;
