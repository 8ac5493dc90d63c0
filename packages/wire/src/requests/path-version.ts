/**
 * The request of delete and check: a node and the version it must have, -1 for any.
 *
 *     PathVersion = ustring path, int version
 */
import type { JuteReader } from '../jute/reader.ts';
import { decodeText } from '../jute/vector.ts';
import type { JuteWriter } from '../jute/writer.ts';

export interface PathVersion {
  readonly path: string;
  readonly version: number;
}

export function encodePathVersion(writer: JuteWriter, request: PathVersion): void {
  writer.string(request.path);
  writer.int(request.version);
}

export function decodePathVersion(reader: JuteReader): PathVersion | null {
  const path = decodeText(reader);
  const version = reader.int();
  return path === null || reader.failed ? null : { path, version };
}
