/**
 * The body of a notification.
 *
 *     WatcherEvent = int type, int state, ustring path
 */
import type { JuteReader } from '../jute/reader.ts';
import { decodeText } from '../jute/vector.ts';
import type { JuteWriter } from '../jute/writer.ts';

export interface WatcherEvent {
  readonly type: number;
  readonly state: number;
  readonly path: string;
}

export function encodeWatcherEvent(writer: JuteWriter, event: WatcherEvent): void {
  writer.int(event.type);
  writer.int(event.state);
  writer.string(event.path);
}

export function decodeWatcherEvent(reader: JuteReader): WatcherEvent | null {
  const type = reader.int();
  const state = reader.int();
  const path = decodeText(reader);
  return path === null ? null : { type, state, path };
}
