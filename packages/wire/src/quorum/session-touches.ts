/**
 * The sessions that gave a sign of life since the last one: the data of a learner's PING.
 *
 *     SessionTouches = { long sessionId, int timeOut } to the end
 *
 * There may be many thousands, several times a second, so they are read through a sink and no
 * object is made of any.
 */
import type { JuteWriter } from '../jute/writer.ts';
import type { PacketView } from './quorum-packet.ts';

export const SESSION_TOUCH_BYTES = 12;

export interface SessionTouchSink {
  touchSession(sessionHigh: number, sessionLow: number, timeoutMs: number): void;
}

/** Between `beginPacket` and `finishPacket`, once per session. */
export function appendSessionTouch(
  writer: JuteWriter,
  sessionHigh: number,
  sessionLow: number,
  timeoutMs: number,
): void {
  writer.long2(sessionHigh, sessionLow);
  writer.int(timeoutMs);
}

/** False, with nothing touched, when the data does not end behind an entry. */
export function readSessionTouches(packet: PacketView, sink: SessionTouchSink): boolean {
  const { view, dataStart } = packet;
  const byteCount = Math.max(0, packet.dataLength);
  if (byteCount % SESSION_TOUCH_BYTES !== 0) return false;
  const end = dataStart + byteCount;
  for (let at = dataStart; at < end; at += SESSION_TOUCH_BYTES) {
    sink.touchSession(view.getInt32(at), view.getInt32(at + 4), view.getInt32(at + 8));
  }
  return true;
}
