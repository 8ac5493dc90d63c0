/**
 * Replaces a node's data if its version is the one given, -1 for any.
 *
 *     SetDataRequest  = ustring path, buffer data, int version
 *     SetDataResponse = Stat stat
 */
import type { Decode, Encode } from '../jute/codec.ts';
import type { JuteReader } from '../jute/reader.ts';
import { decodeText } from '../jute/vector.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { decodeStatResponse, encodeStatResponse, type StatResponse } from './stat-response.ts';

export interface SetDataRequest {
  readonly path: string;
  readonly data: Uint8Array | null;
  readonly version: number;
}

export function encodeSetDataRequest(writer: JuteWriter, request: SetDataRequest): void {
  writer.string(request.path);
  writer.buffer(request.data);
  writer.int(request.version);
}

export function decodeSetDataRequest(reader: JuteReader): SetDataRequest | null {
  const path = decodeText(reader);
  const data = reader.buffer();
  const version = reader.int();
  return path === null || reader.failed ? null : { path, data, version };
}

export type SetDataResponse = StatResponse;

export const encodeSetDataResponse: Encode<SetDataResponse> = encodeStatResponse;
export const decodeSetDataResponse: Decode<SetDataResponse> = decodeStatResponse;
