/**
 * Lists the children and tells the node's Stat with them.
 *
 *     GetChildren2Request  = ustring path, boolean watch
 *     GetChildren2Response = vector<ustring> children, Stat stat
 */
import type { Decode, Encode } from '../jute/codec.ts';
import type { JuteReader } from '../jute/reader.ts';
import { decodeTexts, encodeTexts } from '../jute/vector.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { decodeStat, encodeStat, type Stat } from '../records/stat.ts';
import { decodePathWatch, encodePathWatch, type PathWatch } from './path-watch.ts';

export type GetChildren2Request = PathWatch;

export const encodeGetChildren2Request: Encode<GetChildren2Request> = encodePathWatch;
export const decodeGetChildren2Request: Decode<GetChildren2Request> = decodePathWatch;

export interface GetChildren2Response {
  readonly children: readonly string[];
  readonly stat: Stat;
}

export function encodeGetChildren2Response(
  writer: JuteWriter,
  response: GetChildren2Response,
): void {
  encodeTexts(writer, response.children);
  encodeStat(writer, response.stat);
}

export function decodeGetChildren2Response(reader: JuteReader): GetChildren2Response | null {
  const children = decodeTexts(reader);
  const stat = decodeStat(reader);
  return children === null || stat === null ? null : { children, stat };
}
