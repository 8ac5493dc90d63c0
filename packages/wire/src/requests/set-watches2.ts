/**
 * setWatches with the persistent watches as well.
 *
 *     SetWatches2 = SetWatches, vector<ustring> persistentWatches,
 *                   vector<ustring> persistentRecursiveWatches
 */
import type { JuteReader } from '../jute/reader.ts';
import { decodeTexts, encodeTexts } from '../jute/vector.ts';
import type { JuteWriter } from '../jute/writer.ts';
import {
  decodeSetWatchesRequest,
  encodeSetWatchesRequest,
  type SetWatchesRequest,
} from './set-watches.ts';

export interface SetWatches2Request extends SetWatchesRequest {
  readonly persistentWatches: readonly string[];
  readonly persistentRecursiveWatches: readonly string[];
}

export function encodeSetWatches2Request(writer: JuteWriter, request: SetWatches2Request): void {
  encodeSetWatchesRequest(writer, request);
  encodeTexts(writer, request.persistentWatches);
  encodeTexts(writer, request.persistentRecursiveWatches);
}

export function decodeSetWatches2Request(reader: JuteReader): SetWatches2Request | null {
  const oneShot = decodeSetWatchesRequest(reader);
  const persistentWatches = decodeTexts(reader);
  const persistentRecursiveWatches = decodeTexts(reader);
  if (oneShot === null || persistentWatches === null) return null;
  if (persistentRecursiveWatches === null) return null;
  return { ...oneShot, persistentWatches, persistentRecursiveWatches };
}
