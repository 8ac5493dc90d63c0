/**
 * Demands a version of a node; legal inside multi only, and its result has no body.
 *
 *     CheckVersionRequest = ustring path, int version
 */
import type { Decode, Encode } from '../jute/codec.ts';
import { decodePathVersion, encodePathVersion, type PathVersion } from './path-version.ts';

export type CheckRequest = PathVersion;

export const encodeCheckRequest: Encode<CheckRequest> = encodePathVersion;
export const decodeCheckRequest: Decode<CheckRequest> = decodePathVersion;
