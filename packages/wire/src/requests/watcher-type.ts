/**
 * The request of checkWatches and removeWatches: a path and a kind of watch (WatcherType).
 *
 *     PathWatcherType = ustring path, int type
 */
import type { JuteReader } from '../jute/reader.ts';
import { decodeText } from '../jute/vector.ts';
import type { JuteWriter } from '../jute/writer.ts';

export interface PathWatcherType {
  readonly path: string;
  readonly type: number;
}

export function encodePathWatcherType(writer: JuteWriter, request: PathWatcherType): void {
  writer.string(request.path);
  writer.int(request.type);
}

export function decodePathWatcherType(reader: JuteReader): PathWatcherType | null {
  const path = decodeText(reader);
  const type = reader.int();
  return path === null || reader.failed ? null : { path, type };
}
