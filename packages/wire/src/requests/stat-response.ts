/**
 * The response of every operation that answers with the node's Stat alone.
 *
 *     StatResponse = Stat stat
 */
import type { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { decodeStat, encodeStat, type Stat } from '../records/stat.ts';

export interface StatResponse {
  readonly stat: Stat;
}

export function encodeStatResponse(writer: JuteWriter, response: StatResponse): void {
  encodeStat(writer, response.stat);
}

export function decodeStatResponse(reader: JuteReader): StatResponse | null {
  const stat = decodeStat(reader);
  return stat === null ? null : { stat };
}
