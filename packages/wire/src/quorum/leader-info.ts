/**
 * What LEADERINFO says besides the new epoch in its zxid: which protocol the leader speaks.
 *
 *     LeaderInfo = int protocolVersion
 */
import type { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';

export interface LeaderInfo {
  readonly protocolVersion: number;
}

export function encodeLeaderInfo(writer: JuteWriter, info: LeaderInfo): void {
  writer.int(info.protocolVersion);
}

export function decodeLeaderInfo(reader: JuteReader): LeaderInfo | null {
  const protocolVersion = reader.int();
  return reader.failed ? null : { protocolVersion };
}
