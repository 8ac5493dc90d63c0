/**
 * The commit of a new configuration, which names who leads from then on. Participants have the
 * transaction already; observers get it with the news.
 *
 *     CommitAndActivate = long designatedLeader
 *     InformAndActivate = long designatedLeader, transaction to the end
 */
import type { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { PacketType } from './packet-type.ts';
import { beginPacket, finishPacket } from './quorum-packet.ts';
import { asServerId, type ServerId } from './server-id.ts';

export function appendCommitAndActivate(
  writer: JuteWriter,
  zxidHigh: number,
  zxidLow: number,
  designatedLeader: ServerId,
): void {
  const start = beginPacket(writer, PacketType.CommitAndActivate, zxidHigh, zxidLow);
  writer.long(designatedLeader);
  finishPacket(writer, start);
}

export function appendInformAndActivate(
  writer: JuteWriter,
  zxidHigh: number,
  zxidLow: number,
  designatedLeader: ServerId,
  source: Uint8Array,
  sourceView: DataView,
  sourceStart: number,
  byteCount: number,
): void {
  const start = beginPacket(writer, PacketType.InformAndActivate, zxidHigh, zxidLow);
  writer.long(designatedLeader);
  writer.raw(source, sourceView, sourceStart, byteCount);
  finishPacket(writer, start);
}

/** Null when it is missing. Behind it, the reader stands at an observer's transaction. */
export function decodeDesignatedLeader(reader: JuteReader): ServerId | null {
  const designatedLeader = asServerId(reader.long());
  return reader.failed ? null : designatedLeader;
}
