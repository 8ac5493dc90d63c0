/**
 * What stands before every transaction, in logs and between servers alike.
 *
 *     TxnHeader = long clientId, int cxid, long zxid, long time, int type
 */
import type { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { asSessionId, type SessionId } from '../session-id.ts';
import { asZxid, type Zxid } from '../zxid.ts';

export const TXN_HEADER_BYTES = 32;

export interface TxnHeader {
  /** The session that asked for it. */
  readonly clientId: SessionId;
  /** The xid of its request. */
  readonly cxid: number;
  readonly zxid: Zxid;
  /** The leader's wall clock, in milliseconds. */
  readonly time: bigint;
  readonly type: number;
}

export function encodeTxnHeader(writer: JuteWriter, header: TxnHeader): void {
  writer.long(header.clientId);
  writer.int(header.cxid);
  writer.long(header.zxid);
  writer.long(header.time);
  writer.int(header.type);
}

export function decodeTxnHeader(reader: JuteReader): TxnHeader | null {
  const header: TxnHeader = {
    clientId: asSessionId(reader.long()),
    cxid: reader.int(),
    zxid: asZxid(reader.long()),
    time: reader.long(),
    type: reader.int(),
  };
  return reader.failed ? null : header;
}
