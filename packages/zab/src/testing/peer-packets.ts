/**
 * Packets of scripts: from words to bytes, and from bytes to what is said of them. Zxids are
 * hexadecimal; the data of a record is plain text.
 *
 *     PROPOSAL 200000001 hello        COMMITANDACTIVATE 200000001 leader=2
 *     FOLLOWERINFO 100000000 server=2 version=0
 *     ACKEPOCH 100000005 current=1    SNAP 100000005 100000004=one 100000005=two
 */
import {
  appendBarePacket,
  appendForwardedRequest,
  appendPacket,
  appendSessionTouch,
  appendSnapshotSignature,
  asServerId,
  asZxid,
  beginPacket,
  decodeAckEpoch,
  decodeDesignatedLeader,
  decodeLearnerInfo,
  decodeUtf8,
  encodeAckEpoch,
  encodeLeaderInfo,
  encodeLearnerInfo,
  encodeRevalidateAnswer,
  encodeRevalidateAsk,
  encodeUtf8,
  ForwardedRequestView,
  finishPacket,
  formatEnsemble,
  formatZxid,
  type JuteReader,
  type JuteWriter,
  PacketType,
  type PacketView,
  PROTOCOL_VERSION,
  packetTypeName,
  parseEnsemble,
  SESSION_TOUCH_BYTES,
  type Zxid,
} from '@zabra/wire';
import { highOf, lowOf } from '../zxid-halves.ts';
import { ensembleOf } from './ensembles.ts';
import type { StoredRecord } from './fake-disk.ts';
import { encodeSnapshotRecords } from './fake-snapshot.ts';
import type { Words } from './script-file.ts';

const EMPTY = new Uint8Array(0);
const NO_AUTHINFO = new Uint8Array([0xff, 0xff, 0xff, 0xff]);
const SERVER_ID_BYTES = 8;
const TEXT_LENGTH_MAX = 100;

const types: ReadonlyMap<string, number> = new Map(
  Object.values(PacketType).map((type) => [packetTypeName(type), type]),
);

export function zxidOfText(text: string): Zxid {
  return asZxid(BigInt(text.startsWith('-') ? text : `0x${text}`));
}

export function recordOfText(text: string): StoredRecord {
  const [zxid = '', data = ''] = text.split('=');
  return { zxid: zxidOfText(zxid), bytes: encodeUtf8(data) };
}

/** `SNAP` brings its snapshot along. */
export function writePacket(out: JuteWriter, words: Words): void {
  const { list, options } = words;
  const [name = '', zxidText = '0', ...rest] = list;
  const type = types.get(name);
  if (type === undefined) throw new Error(`${name} is no packet`);
  const zxid = zxidOfText(zxidText);
  const data = rest.join(' ');
  const option = (key: string): string => options.get(key) ?? '0';
  const start = out.position;
  switch (type) {
    case PacketType.Snap:
      appendBarePacket(out, type, highOf(zxid), lowOf(zxid));
      writeRaw(out, encodeSnapshotRecords(recordsOf(options)));
      if (!rest.includes('unfinished')) appendSnapshotSignature(out);
      return;
    case PacketType.Request:
      writeRequest(out, data);
      return;
    case PacketType.FollowerInfo:
    case PacketType.ObserverInfo:
      beginPacket(out, type, highOf(zxid), lowOf(zxid));
      encodeLearnerInfo(out, {
        serverId: asServerId(BigInt(option('server'))),
        protocolVersion: options.has('protocol') ? Number(option('protocol')) : PROTOCOL_VERSION,
        configVersion: zxidOfText(option('version')),
      });
      break;
    case PacketType.LeaderInfo:
      beginPacket(out, type, highOf(zxid), lowOf(zxid));
      encodeLeaderInfo(out, { protocolVersion: PROTOCOL_VERSION });
      break;
    case PacketType.AckEpoch:
      beginPacket(out, type, highOf(zxid), lowOf(zxid));
      encodeAckEpoch(out, { currentEpoch: Number(option('current')) });
      break;
    case PacketType.NewLeader:
      beginPacket(out, type, highOf(zxid), lowOf(zxid));
      writeRaw(out, encodeUtf8(formatEnsemble(ensembleOf(membersOf(words, 2)))));
      break;
    case PacketType.CommitAndActivate:
    case PacketType.InformAndActivate:
      beginPacket(out, type, highOf(zxid), lowOf(zxid));
      out.long(BigInt(option('leader')));
      writeRaw(out, encodeUtf8(data));
      break;
    case PacketType.Ping:
      beginPacket(out, type, highOf(zxid), lowOf(zxid));
      for (const text of rest) appendSessionTouch(out, 0, Number(text), 1000);
      break;
    case PacketType.Revalidate:
      beginPacket(out, type, -1, -1);
      if (options.has('valid')) {
        const valid = option('valid') === 'true';
        encodeRevalidateAnswer(out, { sessionHigh: 0, sessionLow: Number(zxid), valid });
      } else {
        encodeRevalidateAsk(out, { sessionHigh: 0, sessionLow: Number(zxid), timeoutMs: 1000 });
      }
      break;
    case PacketType.Proposal:
    case PacketType.Inform:
      beginPacket(out, type, highOf(zxid), lowOf(zxid));
      writeRaw(out, encodeUtf8(data));
      break;
    default:
      appendPacket(out, type, highOf(zxid), lowOf(zxid), EMPTY, new DataView(EMPTY.buffer), 0, -1);
      return;
  }
  finishPacket(out, start);
}

function writeRaw(out: JuteWriter, bytes: Uint8Array): void {
  out.raw(bytes, new DataView(bytes.buffer), 0, bytes.length);
}

function writeRequest(out: JuteWriter, text: string): void {
  const body = encodeUtf8(text);
  const op = text === 'sync' ? 9 : 1;
  const view = new DataView(body.buffer);
  appendForwardedRequest(out, 0, 1, 1, op, body, view, 0, body.length, NO_AUTHINFO);
}

function recordsOf(options: ReadonlyMap<string, string>): StoredRecord[] {
  const listed = options.get('records') ?? '';
  return listed === '' ? [] : listed.split(',').map((text) => recordOfText(text.replace(':', '=')));
}

/** Words from the given one on, which name members. */
export function membersOf({ list, options }: Words, from: number): Words {
  return { list: list.slice(from), options };
}

/** What is said of a received packet; a snapshot behind it is told apart. */
export function sayPacket(packet: PacketView, reader: JuteReader): string {
  const { type, zxid, dataLength } = packet;
  const name = `${packetTypeName(type)} ${sayZxid(zxid)}`;
  const data = packet.read(reader);
  switch (type) {
    case PacketType.Request:
      return `REQUEST ${sayRequest(packet)}`;
    case PacketType.FollowerInfo:
    case PacketType.ObserverInfo: {
      const info = decodeLearnerInfo(data)!;
      return `${name} server=${info.serverId} version=${formatZxid(asZxid(info.configVersion ?? 0n))}`;
    }
    case PacketType.AckEpoch:
      return `${name} current=${decodeAckEpoch(data)!.currentEpoch}`;
    case PacketType.NewLeader:
      return `${name} ${sayMembers(textOf(packet, 0))}`;
    case PacketType.CommitAndActivate:
      return `${name} leader=${decodeDesignatedLeader(data)}`;
    case PacketType.InformAndActivate:
      return `${name} leader=${decodeDesignatedLeader(data)} ${textOf(packet, SERVER_ID_BYTES)}`;
    case PacketType.Ping:
      return dataLength > 0 ? `${name} ${dataLength / SESSION_TOUCH_BYTES} sessions` : name;
    case PacketType.Revalidate: {
      const session = data.long();
      const rest = data.remaining === 1 ? `valid=${data.boolean()}` : 'is asked for';
      return `REVALIDATE session ${session} ${rest}`;
    }
    case PacketType.Proposal:
    case PacketType.Inform:
      return `${name} ${sayText(textOf(packet, 0))}`;
    case PacketType.UpToDate:
    case PacketType.Sync:
      return packetTypeName(type);
    default:
      return name;
  }
}

function sayText(text: string): string {
  return text.length > TEXT_LENGTH_MAX ? `${text.length} bytes` : text;
}

function sayRequest(packet: PacketView): string {
  const request = new ForwardedRequestView();
  request.reset(packet);
  const { bodyStart, bodyLength } = request;
  return decodeUtf8(packet.bytes.subarray(bodyStart, bodyStart + bodyLength));
}

export function sayZxid(zxid: Zxid): string {
  return zxid < 0n ? `${zxid}` : formatZxid(zxid);
}

/** As `ensembleOf` reads them, more or less. */
export function sayMembers(text: string): string {
  const outcome = parseEnsemble(text);
  if (outcome.kind === 'problem') return outcome.problem;
  const { members, version } = outcome.ensemble;
  const ids = (role: string): string[] =>
    members.filter((member) => member.role === role).map(({ id }) => `${id}`);
  const observers = ids('observer');
  const observing = observers.length > 0 ? ` observers=${observers}` : '';
  return `${ids('participant').join(' ')}${observing} version=${formatZxid(asZxid(version))}`;
}

function textOf({ bytes, dataStart, dataLength }: PacketView, from: number): string {
  return decodeUtf8(bytes.subarray(dataStart + from, dataStart + Math.max(from, dataLength)));
}
