/**
 * One identity of a connection, as whoAmI tells it.
 *
 *     ClientInfo = ustring authScheme, ustring user
 */
import type { JuteReader } from '../jute/reader.ts';
import { decodeText } from '../jute/vector.ts';
import type { JuteWriter } from '../jute/writer.ts';

export interface ClientInfo {
  readonly authScheme: string;
  readonly user: string;
}

export const CLIENT_INFO_BYTES_MIN = 8;

export function encodeClientInfo(writer: JuteWriter, info: ClientInfo): void {
  writer.string(info.authScheme);
  writer.string(info.user);
}

export function decodeClientInfo(reader: JuteReader): ClientInfo | null {
  const authScheme = decodeText(reader);
  const user = decodeText(reader);
  return authScheme === null || user === null ? null : { authScheme, user };
}
