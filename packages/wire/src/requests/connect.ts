/**
 * The handshake: the first frame each way, without headers.
 *
 *     ConnectRequest  = int protocolVersion, long lastZxidSeen, int timeOut, long sessionId,
 *                       buffer passwd, [boolean readOnly]
 *     ConnectResponse = int protocolVersion, int timeOut, long sessionId, buffer passwd,
 *                       [boolean readOnly]
 *
 * Peers from before 3.4 leave the last byte out; a server answers with it only to a client that sent
 * it. Bytes behind the record are ignored.
 */
import type { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { asSessionId, type SessionId } from '../session-id.ts';
import { asZxid, type Zxid } from '../zxid.ts';

export interface ConnectRequest {
  readonly protocolVersion: number;
  readonly lastZxidSeen: Zxid;
  readonly timeoutMs: number;
  readonly sessionId: SessionId;
  readonly password: Uint8Array | null;
  /** Whether a read-only server will do; null when the byte is absent. */
  readonly readOnly: boolean | null;
}

export function encodeConnectRequest(writer: JuteWriter, request: ConnectRequest): void {
  writer.int(request.protocolVersion);
  writer.long(request.lastZxidSeen);
  writer.int(request.timeoutMs);
  writer.long(request.sessionId);
  writer.buffer(request.password);
  if (request.readOnly !== null) writer.boolean(request.readOnly);
}

export function decodeConnectRequest(reader: JuteReader): ConnectRequest | null {
  const request: ConnectRequest = {
    protocolVersion: reader.int(),
    lastZxidSeen: asZxid(reader.long()),
    timeoutMs: reader.int(),
    sessionId: asSessionId(reader.long()),
    password: reader.buffer(),
    readOnly: reader.remaining === 0 ? null : reader.boolean(),
  };
  return reader.failed ? null : request;
}

export interface ConnectResponse {
  readonly protocolVersion: number;
  /** The timeout the server grants; 0 says that the session is gone. */
  readonly timeoutMs: number;
  readonly sessionId: SessionId;
  readonly password: Uint8Array | null;
  /** Whether the server itself is read-only; null when the byte is absent. */
  readonly readOnly: boolean | null;
}

export function encodeConnectResponse(writer: JuteWriter, response: ConnectResponse): void {
  writer.int(response.protocolVersion);
  writer.int(response.timeoutMs);
  writer.long(response.sessionId);
  writer.buffer(response.password);
  if (response.readOnly !== null) writer.boolean(response.readOnly);
}

export function decodeConnectResponse(reader: JuteReader): ConnectResponse | null {
  const response: ConnectResponse = {
    protocolVersion: reader.int(),
    timeoutMs: reader.int(),
    sessionId: asSessionId(reader.long()),
    password: reader.buffer(),
    readOnly: reader.remaining === 0 ? null : reader.boolean(),
  };
  return reader.failed ? null : response;
}
