/**
 * Proves an identity for one connection; the reply is a header alone. `type` is always 0.
 *
 *     AuthPacket = int type, ustring scheme, buffer auth
 */
import type { JuteReader } from '../jute/reader.ts';
import { decodeText } from '../jute/vector.ts';
import type { JuteWriter } from '../jute/writer.ts';

export interface AuthRequest {
  readonly type: number;
  readonly scheme: string;
  readonly auth: Uint8Array | null;
}

export function encodeAuthRequest(writer: JuteWriter, request: AuthRequest): void {
  writer.int(request.type);
  writer.string(request.scheme);
  writer.buffer(request.auth);
}

export function decodeAuthRequest(reader: JuteReader): AuthRequest | null {
  const type = reader.int();
  const scheme = decodeText(reader);
  const auth = reader.buffer();
  return scheme === null || reader.failed ? null : { type, scheme, auth };
}
