/**
 * Sets a connection's watches anew after a reconnect; the server first sends the events that were
 * missed since `relativeZxid`, then a reply that is a header alone.
 *
 *     SetWatches = long relativeZxid, vector<ustring> dataWatches, vector<ustring> existWatches,
 *                  vector<ustring> childWatches
 */
import type { JuteReader } from '../jute/reader.ts';
import { decodeTexts, encodeTexts } from '../jute/vector.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { asZxid, type Zxid } from '../zxid.ts';

export interface SetWatchesRequest {
  readonly relativeZxid: Zxid;
  readonly dataWatches: readonly string[];
  readonly existWatches: readonly string[];
  readonly childWatches: readonly string[];
}

export function encodeSetWatchesRequest(writer: JuteWriter, request: SetWatchesRequest): void {
  writer.long(request.relativeZxid);
  encodeTexts(writer, request.dataWatches);
  encodeTexts(writer, request.existWatches);
  encodeTexts(writer, request.childWatches);
}

export function decodeSetWatchesRequest(reader: JuteReader): SetWatchesRequest | null {
  const relativeZxid = asZxid(reader.long());
  const dataWatches = decodeTexts(reader);
  const existWatches = decodeTexts(reader);
  const childWatches = decodeTexts(reader);
  if (dataWatches === null || existWatches === null || childWatches === null) return null;
  return { relativeZxid, dataWatches, existWatches, childWatches };
}
