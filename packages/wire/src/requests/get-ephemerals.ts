/**
 * Lists the paths of this session's ephemeral nodes that begin with a prefix; null is no prefix.
 *
 *     GetEphemeralsRequest  = ustring prefixPath
 *     GetEphemeralsResponse = vector<ustring> ephemerals
 */
import type { JuteReader } from '../jute/reader.ts';
import { decodeTexts, encodeTexts } from '../jute/vector.ts';
import type { JuteWriter } from '../jute/writer.ts';

export interface GetEphemeralsRequest {
  readonly prefixPath: string | null;
}

export function encodeGetEphemeralsRequest(
  writer: JuteWriter,
  request: GetEphemeralsRequest,
): void {
  writer.string(request.prefixPath);
}

export function decodeGetEphemeralsRequest(reader: JuteReader): GetEphemeralsRequest | null {
  const prefixPath = reader.string();
  return reader.failed ? null : { prefixPath };
}

export interface GetEphemeralsResponse {
  readonly ephemerals: readonly string[];
}

export function encodeGetEphemeralsResponse(
  writer: JuteWriter,
  response: GetEphemeralsResponse,
): void {
  encodeTexts(writer, response.ephemerals);
}

export function decodeGetEphemeralsResponse(reader: JuteReader): GetEphemeralsResponse | null {
  const ephemerals = decodeTexts(reader);
  return ephemerals === null ? null : { ephemerals };
}
