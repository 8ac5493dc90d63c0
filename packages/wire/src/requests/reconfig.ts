/**
 * Changes who belongs to the ensemble: by joining and leaving servers, or by a whole new list. The
 * answer is getData's, its data the text of the new configuration.
 *
 *     ReconfigRequest  = ustring joiningServers, ustring leavingServers, ustring newMembers,
 *                        long curConfigId
 *     ReconfigResponse = buffer data, Stat stat
 */
import type { Decode, Encode } from '../jute/codec.ts';
import type { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { decodeGetDataResponse, encodeGetDataResponse, type GetDataResponse } from './get-data.ts';

export interface ReconfigRequest {
  readonly joiningServers: string | null;
  readonly leavingServers: string | null;
  readonly newMembers: string | null;
  /** The version of the configuration this change is meant for, -1 for any. */
  readonly curConfigId: bigint;
}

export function encodeReconfigRequest(writer: JuteWriter, request: ReconfigRequest): void {
  writer.string(request.joiningServers);
  writer.string(request.leavingServers);
  writer.string(request.newMembers);
  writer.long(request.curConfigId);
}

export function decodeReconfigRequest(reader: JuteReader): ReconfigRequest | null {
  const request: ReconfigRequest = {
    joiningServers: reader.string(),
    leavingServers: reader.string(),
    newMembers: reader.string(),
    curConfigId: reader.long(),
  };
  return reader.failed ? null : request;
}

export type ReconfigResponse = GetDataResponse;

export const encodeReconfigResponse: Encode<ReconfigResponse> = encodeGetDataResponse;
export const decodeReconfigResponse: Decode<ReconfigResponse> = decodeGetDataResponse;
