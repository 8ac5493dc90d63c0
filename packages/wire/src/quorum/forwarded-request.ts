/**
 * A client's write on its way from the learner that received it to the leader: the data of REQUEST.
 * The body is the client's, byte for byte; its identities stand in the packet's authinfo.
 *
 *     ForwardedRequest = long sessionId, int cxid, int op, body to the end
 *
 * Written and read once per write, so neither side makes an object of it.
 */
import type { JuteWriter } from '../jute/writer.ts';
import { PacketType } from './packet-type.ts';
import { beginPacket, finishPacketWith, type PacketView } from './quorum-packet.ts';

const HEAD_BYTES = 16;
/** The zxid of a packet that has none. */
const NO_ZXID_HALF = -1;

/** Writes a whole REQUEST packet; `authinfo` as `encodeAuthinfo` wrote it for the connection. */
export function appendForwardedRequest(
  writer: JuteWriter,
  sessionHigh: number,
  sessionLow: number,
  cxid: number,
  op: number,
  body: Uint8Array,
  bodyView: DataView,
  bodyStart: number,
  bodyLength: number,
  authinfo: Uint8Array,
): void {
  const start = beginPacket(writer, PacketType.Request, NO_ZXID_HALF, NO_ZXID_HALF);
  writer.long2(sessionHigh, sessionLow);
  writer.int(cxid);
  writer.int(op);
  writer.raw(body, bodyView, bodyStart, bodyLength);
  finishPacketWith(writer, start, authinfo);
}

/** A received one where it lies, in the bytes of its packet. One view serves a connection. */
export class ForwardedRequestView {
  sessionHigh = 0;
  sessionLow = 0;
  cxid = 0;
  op = 0;
  bodyStart = 0;
  bodyLength = 0;

  /** False when the packet's data is too short to be one. */
  reset(packet: PacketView): boolean {
    if (packet.dataLength < HEAD_BYTES) return false;
    const { view, dataStart } = packet;
    this.sessionHigh = view.getInt32(dataStart);
    this.sessionLow = view.getInt32(dataStart + 4);
    this.cxid = view.getInt32(dataStart + 8);
    this.op = view.getInt32(dataStart + 12);
    this.bodyStart = dataStart + HEAD_BYTES;
    this.bodyLength = packet.dataLength - HEAD_BYTES;
    return true;
  }
}
