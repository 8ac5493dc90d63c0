/**
 * What stands before the body in every frame but those of the handshake.
 *
 *     RequestHeader = int xid, int type
 *     ReplyHeader   = int xid, long zxid, int err
 */
import type { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { asZxid, type Zxid } from '../zxid.ts';

export interface RequestHeader {
  readonly xid: number;
  readonly type: number;
}

export interface ReplyHeader {
  readonly xid: number;
  readonly zxid: Zxid;
  readonly err: number;
}

export function encodeRequestHeader(writer: JuteWriter, header: RequestHeader): void {
  writer.int(header.xid);
  writer.int(header.type);
}

export function decodeRequestHeader(reader: JuteReader): RequestHeader | null {
  const header: RequestHeader = { xid: reader.int(), type: reader.int() };
  return reader.failed ? null : header;
}

export function encodeReplyHeader(writer: JuteWriter, header: ReplyHeader): void {
  writer.int(header.xid);
  writer.long(header.zxid);
  writer.int(header.err);
}

export function decodeReplyHeader(reader: JuteReader): ReplyHeader | null {
  const header: ReplyHeader = {
    xid: reader.int(),
    zxid: asZxid(reader.long()),
    err: reader.int(),
  };
  return reader.failed ? null : header;
}
