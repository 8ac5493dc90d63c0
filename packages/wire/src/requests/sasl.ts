/**
 * One round of a SASL exchange. A reply with an error code still has this body, with a null token.
 *
 *     GetSASLRequest  = buffer token
 *     SetSASLResponse = buffer token
 */
import type { Decode, Encode } from '../jute/codec.ts';
import type { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';

export interface SaslRequest {
  readonly token: Uint8Array | null;
}

export function encodeSaslRequest(writer: JuteWriter, request: SaslRequest): void {
  writer.buffer(request.token);
}

export function decodeSaslRequest(reader: JuteReader): SaslRequest | null {
  const token = reader.buffer();
  return reader.failed ? null : { token };
}

export type SaslResponse = SaslRequest;

export const encodeSaslResponse: Encode<SaslResponse> = encodeSaslRequest;
export const decodeSaslResponse: Decode<SaslResponse> = decodeSaslRequest;
