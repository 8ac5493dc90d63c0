/**
 * Removes an empty container; sent by servers to themselves. The reply is a header alone.
 *
 *     DeleteContainerRequest = ustring path
 */
import type { Decode, Encode } from '../jute/codec.ts';
import { decodePathOnly, encodePathOnly, type PathOnly } from './path-only.ts';

export type DeleteContainerRequest = PathOnly;

export const encodeDeleteContainerRequest: Encode<DeleteContainerRequest> = encodePathOnly;
export const decodeDeleteContainerRequest: Decode<DeleteContainerRequest> = decodePathOnly;
