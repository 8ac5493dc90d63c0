/**
 * Who a learner is: the data of FOLLOWERINFO and OBSERVERINFO.
 *
 *     LearnerInfo = long serverId [, int protocolVersion [, long configVersion ]]
 *
 * All three since 3.5; the last is missing from 3.4, and the last two from before that. What is
 * behind them is ignored.
 */
import type { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { asServerId, type ServerId } from './server-id.ts';

/** The protocol that every server since 3.4 speaks, as FOLLOWERINFO and LEADERINFO name it. */
export const PROTOCOL_VERSION = 0x10000;

const PROTOCOL_VERSION_BYTES = 4;
const CONFIG_VERSION_BYTES = 8;

export interface LearnerInfo {
  readonly serverId: ServerId;
  /** Null where it is missing. */
  readonly protocolVersion: number | null;
  /** Null where it is missing, as it always is without the protocol version. */
  readonly configVersion: bigint | null;
}

export function encodeLearnerInfo(writer: JuteWriter, info: LearnerInfo): void {
  writer.long(info.serverId);
  if (info.protocolVersion === null) return;
  writer.int(info.protocolVersion);
  if (info.configVersion !== null) writer.long(info.configVersion);
}

export function decodeLearnerInfo(reader: JuteReader): LearnerInfo | null {
  const serverId = asServerId(reader.long());
  if (reader.failed) return null;
  const protocolVersion = reader.remaining < PROTOCOL_VERSION_BYTES ? null : reader.int();
  const configVersion = reader.remaining < CONFIG_VERSION_BYTES ? null : reader.long();
  return { serverId, protocolVersion, configVersion };
}
