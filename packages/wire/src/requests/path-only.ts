/**
 * The request of every operation that names a node and says nothing else.
 *
 *     PathOnly = ustring path
 */
import type { JuteReader } from '../jute/reader.ts';
import { decodeText } from '../jute/vector.ts';
import type { JuteWriter } from '../jute/writer.ts';

export interface PathOnly {
  readonly path: string;
}

export function encodePathOnly(writer: JuteWriter, request: PathOnly): void {
  writer.string(request.path);
}

export function decodePathOnly(reader: JuteReader): PathOnly | null {
  const path = decodeText(reader);
  return path === null ? null : { path };
}
