/**
 * Sets a persistent watch on a path, recursive or not (AddWatchMode). Success is answered with an
 * ErrorResponse of zero behind the header, an oddity every server keeps.
 *
 *     AddWatchRequest  = ustring path, int mode
 *     AddWatchResponse = ErrorResponse
 */
import type { JuteReader } from '../jute/reader.ts';
import { decodeText } from '../jute/vector.ts';
import type { JuteWriter } from '../jute/writer.ts';

export interface AddWatchRequest {
  readonly path: string;
  readonly mode: number;
}

export function encodeAddWatchRequest(writer: JuteWriter, request: AddWatchRequest): void {
  writer.string(request.path);
  writer.int(request.mode);
}

export function decodeAddWatchRequest(reader: JuteReader): AddWatchRequest | null {
  const path = decodeText(reader);
  const mode = reader.int();
  return path === null || reader.failed ? null : { path, mode };
}
