/**
 * Reads a node's data; null data and empty data are two things.
 *
 *     GetDataRequest  = ustring path, boolean watch
 *     GetDataResponse = buffer data, Stat stat
 */
import type { Decode, Encode } from '../jute/codec.ts';
import type { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { decodeStat, encodeStat, type Stat } from '../records/stat.ts';
import { decodePathWatch, encodePathWatch, type PathWatch } from './path-watch.ts';

export type GetDataRequest = PathWatch;

export const encodeGetDataRequest: Encode<GetDataRequest> = encodePathWatch;
export const decodeGetDataRequest: Decode<GetDataRequest> = decodePathWatch;

export interface GetDataResponse {
  readonly data: Uint8Array | null;
  readonly stat: Stat;
}

export function encodeGetDataResponse(writer: JuteWriter, response: GetDataResponse): void {
  writer.buffer(response.data);
  encodeStat(writer, response.stat);
}

export function decodeGetDataResponse(reader: JuteReader): GetDataResponse | null {
  const data = reader.buffer();
  const stat = decodeStat(reader);
  return stat === null ? null : { data, stat };
}
