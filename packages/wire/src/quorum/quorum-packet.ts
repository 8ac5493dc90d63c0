/**
 * The one record between a leader and its learners. Packets follow each other without a length of
 * their own.
 *
 *     QuorumPacket = int type, long zxid, buffer data, vector<Id> authinfo
 *
 * authinfo is null in everything but a REQUEST. What is sent once per transaction is appended from
 * halves of zxids and borrowed ranges and allocates nothing; `PacketView` is its counterpart for
 * what is received. The plain object is for tools and tests.
 */
import { JuteReader } from '../jute/reader.ts';
import { readVector, writeVector } from '../jute/vector.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { decodeId, encodeId, type Id } from '../records/acl.ts';
import { asZxid, type Zxid } from '../zxid.ts';
import { PacketType } from './packet-type.ts';

/** Everything before the data. */
export const PACKET_HEAD_BYTES = 16;
/** A null vector, or the count of one. */
export const AUTHINFO_BYTES_MIN = 4;

const DATA_LENGTH_OFFSET = 12;
const ID_BYTES_MIN = 8;

const EMPTY = new Uint8Array(0);
const EMPTY_VIEW = new DataView(EMPTY.buffer);

/** One received packet where it lies: valid until its scanner is called again. */
export class PacketView {
  type = 0;
  /** Both halves are signed, as `getInt32` reads them. */
  zxidHigh = 0;
  zxidLow = 0;
  bytes: Uint8Array = EMPTY;
  view: DataView = EMPTY_VIEW;
  /** Where the whole packet lies: [start, end). */
  start = 0;
  end = 0;
  dataStart = 0;
  /** -1 for null. */
  dataLength = -1;

  /** Points at a whole packet whose lengths have been checked. */
  reset(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    this.type = view.getInt32(start);
    this.zxidHigh = view.getInt32(start + 4);
    this.zxidLow = view.getInt32(start + 8);
    this.bytes = bytes;
    this.view = view;
    this.start = start;
    this.end = end;
    this.dataStart = start + PACKET_HEAD_BYTES;
    this.dataLength = view.getInt32(start + DATA_LENGTH_OFFSET);
  }

  get zxid(): Zxid {
    return asZxid((BigInt(this.zxidHigh) << 32n) | BigInt(this.zxidLow >>> 0));
  }

  /** Lays a reader over the data; over nothing where the data is null. */
  read(reader: JuteReader): JuteReader {
    const end = this.dataStart + Math.max(0, this.dataLength);
    return reader.reset(this.bytes, this.view, this.dataStart, end);
  }

  /** The identities of the client who asked, null where none are given. */
  authinfo(): readonly Id[] | null {
    const start = this.dataStart + Math.max(0, this.dataLength);
    return readAuthinfo(new JuteReader().reset(this.bytes, this.view, start, this.end));
  }
}

/** A packet without data. */
export function appendBarePacket(
  writer: JuteWriter,
  type: number,
  zxidHigh: number,
  zxidLow: number,
): void {
  writer.int(type);
  writer.long2(zxidHigh, zxidLow);
  writer.int(-1);
  writer.int(-1);
}

/** A packet whose data is a borrowed range; a negative length writes null. */
export function appendPacket(
  writer: JuteWriter,
  type: number,
  zxidHigh: number,
  zxidLow: number,
  source: Uint8Array,
  sourceView: DataView,
  start: number,
  byteCount: number,
): void {
  writer.int(type);
  writer.long2(zxidHigh, zxidLow);
  writer.span(source, sourceView, start, byteCount);
  writer.int(-1);
}

/** To participants: log this transaction (header, record and digest) and acknowledge it. */
export function appendProposal(
  writer: JuteWriter,
  zxidHigh: number,
  zxidLow: number,
  source: Uint8Array,
  sourceView: DataView,
  start: number,
  byteCount: number,
): void {
  const type = PacketType.Proposal;
  appendPacket(writer, type, zxidHigh, zxidLow, source, sourceView, start, byteCount);
}

/** To observers: this transaction is committed. */
export function appendInform(
  writer: JuteWriter,
  zxidHigh: number,
  zxidLow: number,
  source: Uint8Array,
  sourceView: DataView,
  start: number,
  byteCount: number,
): void {
  const type = PacketType.Inform;
  appendPacket(writer, type, zxidHigh, zxidLow, source, sourceView, start, byteCount);
}

export function appendAck(writer: JuteWriter, zxidHigh: number, zxidLow: number): void {
  appendBarePacket(writer, PacketType.Ack, zxidHigh, zxidLow);
}

export function appendCommit(writer: JuteWriter, zxidHigh: number, zxidLow: number): void {
  appendBarePacket(writer, PacketType.Commit, zxidHigh, zxidLow);
}

/** A leader's ping; a learner answers with a packet begun by `beginPacket`. */
export function appendPing(writer: JuteWriter, zxidHigh: number, zxidLow: number): void {
  appendBarePacket(writer, PacketType.Ping, zxidHigh, zxidLow);
}

/** Begins a packet whose data is written next, in place; `finishPacket` wants what this gives. */
export function beginPacket(
  writer: JuteWriter,
  type: number,
  zxidHigh: number,
  zxidLow: number,
): number {
  const start = writer.position;
  writer.int(type);
  writer.long2(zxidHigh, zxidLow);
  writer.int(0);
  return start;
}

/** Closes the packet begun at `start`, with no identities. */
export function finishPacket(writer: JuteWriter, start: number): void {
  finishPacketData(writer, start);
  writer.int(-1);
}

/** Closes the packet begun at `start` with identities that `encodeAuthinfo` wrote before. */
export function finishPacketWith(writer: JuteWriter, start: number, authinfo: Uint8Array): void {
  finishPacketData(writer, start);
  writer.reserve(authinfo.length);
  writer.bytes.set(authinfo, writer.position);
  writer.position += authinfo.length;
}

function finishPacketData(writer: JuteWriter, start: number): void {
  const byteCount = writer.position - start - PACKET_HEAD_BYTES;
  writer.view.setInt32(start + DATA_LENGTH_OFFSET, byteCount);
}

/** What a connection's requests carry; it changes only when a client authenticates. */
export function encodeAuthinfo(writer: JuteWriter, authinfo: readonly Id[] | null): void {
  writeVector(writer, authinfo, encodeId);
}

/** Null is a null vector; one that cannot be read leaves the reader failed. */
function readAuthinfo(reader: JuteReader): readonly Id[] | null {
  return readVector(reader, ID_BYTES_MIN, decodeId);
}

export interface QuorumPacket {
  readonly type: number;
  readonly zxid: Zxid;
  readonly data: Uint8Array | null;
  readonly authinfo: readonly Id[] | null;
}

export function encodeQuorumPacket(writer: JuteWriter, packet: QuorumPacket): void {
  writer.int(packet.type);
  writer.long(packet.zxid);
  writer.buffer(packet.data);
  encodeAuthinfo(writer, packet.authinfo);
}

export function decodeQuorumPacket(reader: JuteReader): QuorumPacket | null {
  const packet: QuorumPacket = {
    type: reader.int(),
    zxid: asZxid(reader.long()),
    data: reader.buffer(),
    authinfo: readAuthinfo(reader),
  };
  return reader.failed ? null : packet;
}
