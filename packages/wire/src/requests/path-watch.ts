/**
 * The request of the four reads that may leave a one-shot watch behind.
 *
 *     PathWatch = ustring path, boolean watch
 */
import type { JuteReader } from '../jute/reader.ts';
import { decodeText } from '../jute/vector.ts';
import type { JuteWriter } from '../jute/writer.ts';

export interface PathWatch {
  readonly path: string;
  readonly watch: boolean;
}

export function encodePathWatch(writer: JuteWriter, request: PathWatch): void {
  writer.string(request.path);
  writer.boolean(request.watch);
}

export function decodePathWatch(reader: JuteReader): PathWatch | null {
  const path = decodeText(reader);
  const watch = reader.boolean();
  return path === null || reader.failed ? null : { path, watch };
}
