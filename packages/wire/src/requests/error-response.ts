/**
 * An error code as a body: the result of a failed part of multi and multiRead, and addWatch's answer.
 *
 *     ErrorResponse = int err
 */
import type { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';

export interface ErrorResponse {
  readonly err: number;
}

export function encodeErrorResponse(writer: JuteWriter, response: ErrorResponse): void {
  writer.int(response.err);
}

export function decodeErrorResponse(reader: JuteReader): ErrorResponse | null {
  const err = reader.int();
  return reader.failed ? null : { err };
}
