/**
 * Removes a node without children; the reply is a header alone.
 *
 *     DeleteRequest = ustring path, int version
 */
import type { Decode, Encode } from '../jute/codec.ts';
import { decodePathVersion, encodePathVersion, type PathVersion } from './path-version.ts';

export type DeleteRequest = PathVersion;

export const encodeDeleteRequest: Encode<DeleteRequest> = encodePathVersion;
export const decodeDeleteRequest: Decode<DeleteRequest> = decodePathVersion;
