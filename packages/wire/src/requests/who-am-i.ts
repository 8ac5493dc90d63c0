/**
 * Lists the identities of the connection; the request is a header alone.
 *
 *     WhoAmIResponse = vector<ClientInfo> clientInfo
 */
import type { JuteReader } from '../jute/reader.ts';
import { decodeVector, writeVector } from '../jute/vector.ts';
import type { JuteWriter } from '../jute/writer.ts';
import {
  CLIENT_INFO_BYTES_MIN,
  type ClientInfo,
  decodeClientInfo,
  encodeClientInfo,
} from '../records/client-info.ts';

export interface WhoAmIResponse {
  readonly clientInfo: readonly ClientInfo[];
}

export function encodeWhoAmIResponse(writer: JuteWriter, response: WhoAmIResponse): void {
  writeVector(writer, response.clientInfo, encodeClientInfo);
}

export function decodeWhoAmIResponse(reader: JuteReader): WhoAmIResponse | null {
  const clientInfo = decodeVector(reader, CLIENT_INFO_BYTES_MIN, decodeClientInfo);
  return clientInfo === null ? null : { clientInfo };
}
