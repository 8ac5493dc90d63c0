/**
 * The answer of create2, createContainer and createTTL, whose requests stand in create.ts and
 * create-ttl.ts.
 *
 *     Create2Response = ustring path, Stat stat
 */
import type { JuteReader } from '../jute/reader.ts';
import { decodeText } from '../jute/vector.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { decodeStat, encodeStat, type Stat } from '../records/stat.ts';

export interface Create2Response {
  readonly path: string;
  readonly stat: Stat;
}

export function encodeCreate2Response(writer: JuteWriter, response: Create2Response): void {
  writer.string(response.path);
  encodeStat(writer, response.stat);
}

export function decodeCreate2Response(reader: JuteReader): Create2Response | null {
  const path = decodeText(reader);
  const stat = decodeStat(reader);
  return path === null || stat === null ? null : { path, stat };
}
