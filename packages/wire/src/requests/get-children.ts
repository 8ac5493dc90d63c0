/**
 * Lists the names, not the paths, of a node's children, in no particular order.
 *
 *     GetChildrenRequest  = ustring path, boolean watch
 *     GetChildrenResponse = vector<ustring> children
 */
import type { Decode, Encode } from '../jute/codec.ts';
import type { JuteReader } from '../jute/reader.ts';
import { decodeTexts, encodeTexts } from '../jute/vector.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { decodePathWatch, encodePathWatch, type PathWatch } from './path-watch.ts';

export type GetChildrenRequest = PathWatch;

export const encodeGetChildrenRequest: Encode<GetChildrenRequest> = encodePathWatch;
export const decodeGetChildrenRequest: Decode<GetChildrenRequest> = decodePathWatch;

export interface GetChildrenResponse {
  readonly children: readonly string[];
}

export function encodeGetChildrenResponse(writer: JuteWriter, response: GetChildrenResponse): void {
  encodeTexts(writer, response.children);
}

export function decodeGetChildrenResponse(reader: JuteReader): GetChildrenResponse | null {
  const children = decodeTexts(reader);
  return children === null ? null : { children };
}
