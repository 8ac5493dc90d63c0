/**
 * Opens a session; sent by servers to each other, never by a client, which shakes hands instead.
 *
 *     CreateSessionRequest = int timeout
 */
import type { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';

export interface CreateSessionRequest {
  readonly timeoutMs: number;
}

export function encodeCreateSessionRequest(
  writer: JuteWriter,
  request: CreateSessionRequest,
): void {
  writer.int(request.timeoutMs);
}

export function decodeCreateSessionRequest(reader: JuteReader): CreateSessionRequest | null {
  const timeoutMs = reader.int();
  return reader.failed ? null : { timeoutMs };
}
