/** The codecs against everything that Apache ZooKeeper 3.8.0 servers sent each other. */
import { expect, test } from 'vitest';
import { encoded } from '../../../../tests/support/codec-properties.ts';
import {
  bytesOfHex,
  hexOfBytes,
  SNAPSHOT_STREAM,
  type TrafficMessage,
  trafficMessages,
  trafficScenarios,
} from '../../../../tests/support/quorum-traffic.ts';
import type { Decode, Encode } from '../jute/codec.ts';
import { JuteReader } from '../jute/reader.ts';
import { JuteWriter } from '../jute/writer.ts';
import { decodeTransaction, encodeTransaction } from '../log/transaction.ts';
import { decodeAckEpoch, encodeAckEpoch } from './ack-epoch.ts';
import {
  appendCommitAndActivate,
  appendInformAndActivate,
  decodeDesignatedLeader,
} from './activation.ts';
import { formatEnsemble, parseEnsemble } from './ensemble-text.ts';
import { appendForwardedRequest, ForwardedRequestView } from './forwarded-request.ts';
import { encodeInitialMessage, InitialMessageScanner } from './initial-message.ts';
import { decodeLeaderInfo, encodeLeaderInfo } from './leader-info.ts';
import { decodeLearnerInfo, encodeLearnerInfo } from './learner-info.ts';
import { appendNotificationFrame, NotificationFrames } from './notification-frames.ts';
import { packetTypeName } from './packet-type.ts';
import {
  appendAck,
  appendBarePacket,
  appendCommit,
  appendInform,
  appendPing,
  appendProposal,
  beginPacket,
  decodeQuorumPacket,
  encodeAuthinfo,
  encodeQuorumPacket,
  finishPacket,
  PacketView,
} from './quorum-packet.ts';
import {
  decodeRevalidateAnswer,
  decodeRevalidateAsk,
  encodeRevalidateAnswer,
  encodeRevalidateAsk,
} from './revalidate.ts';
import { appendSessionTouch, readSessionTouches } from './session-touches.ts';

const messages = trafficMessages();

/** The packet of a message, where it lies. */
function packetOf(message: TrafficMessage): PacketView {
  const bytes = bytesOfHex(message.hex);
  const packet = new PacketView();
  packet.reset(bytes, new DataView(bytes.buffer), 0, bytes.length);
  return packet;
}

function dataOf(packet: PacketView): JuteReader {
  return packet.read(new JuteReader());
}

function written(write: (writer: JuteWriter) => void): string {
  const writer = new JuteWriter(4);
  write(writer);
  return hexOfBytes(writer.finish());
}

/** The data of a packet decoded, and the whole packet written again with it. */
function expectBody<Body>(
  message: TrafficMessage,
  decode: Decode<Body>,
  encode: Encode<Body>,
  expected: unknown,
): void {
  const packet = packetOf(message);
  const body = decode(dataOf(packet)) ?? expect.fail('the data can be decoded');
  expect(body).toEqual(expected);
  const hex = written((writer) => {
    const start = beginPacket(writer, packet.type, packet.zxidHigh, packet.zxidLow);
    encode(writer, body);
    finishPacket(writer, start);
  });
  expect(hex).toBe(message.hex);
}

function halvesOf(session: unknown): { sessionHigh: number; sessionLow: number } {
  const id = BigInt(String(session));
  return {
    sessionHigh: Number(BigInt.asIntN(32, id >> 32n)),
    sessionLow: Number(BigInt.asIntN(32, id)),
  };
}

/** Reads a transaction that lies behind what the reader has read, and writes it again. */
function expectTransaction(reader: JuteReader): void {
  const rest = reader.bytes.slice(reader.position, reader.end);
  const transaction = decodeTransaction(JuteReader.over(rest));
  expect(transaction).not.toBe(null);
  if (transaction !== null) expect(encoded(encodeTransaction, transaction)).toEqual(rest);
}

test('every scenario was recorded with all its messages', () => {
  expect(trafficScenarios().length).toBe(20);
  expect(messages.length).toBe(1215);
});

test('initial messages', () => {
  for (const message of messages.filter(({ kind }) => kind === 'initial')) {
    const scanner = new InitialMessageScanner();
    const bytes = bytesOfHex(message.hex);
    expect(scanner.push(bytes)).toBe(bytes.length);
    const { outcome } = scanner;
    if (outcome?.kind !== 'message') expect.fail('it is whole and lawful');
    const [host, port] = String(message.decoded.addr).split(':');
    expect(outcome.message).toEqual({
      form: 'v1',
      serverId: BigInt(Number(message.decoded.sid)),
      addresses: [{ host, port: Number(port) }],
    });
    expect(written((writer) => encodeInitialMessage(writer, outcome.message))).toBe(message.hex);
  }
});

test('notifications, and the configurations in them', () => {
  for (const message of messages.filter(({ kind }) => kind === 'notification')) {
    const frames = new NotificationFrames();
    frames.push(bytesOfHex(message.hex));
    const outcome = frames.next();
    if (outcome?.kind !== 'notification') expect.fail('it can be used');
    const { notification } = outcome;
    const { decoded } = message;
    expect(notification).toEqual({
      state: decoded.state,
      leader: BigInt.asIntN(64, BigInt(String(decoded.leader))),
      zxid: BigInt.asIntN(64, BigInt(String(decoded.zxid))),
      electionEpoch: BigInt(String(decoded.electionEpoch)),
      peerEpoch: BigInt(String(decoded.peerEpoch)),
      version: decoded.version,
      config: decoded.config,
    });
    expect(written((writer) => appendNotificationFrame(writer, notification))).toBe(message.hex);
    expectConfig(notification.config ?? '');
  }
});

function expectConfig(text: string): void {
  const outcome = parseEnsemble(text);
  if (outcome.kind !== 'ensemble') expect.fail(outcome.problem);
  expect(formatEnsemble(outcome.ensemble)).toBe(text);
}

const election = ['initial', 'notification'];
const packets = messages.filter(({ kind }) => ![...election, SNAPSHOT_STREAM].includes(kind));

test('packets as plain objects', () => {
  for (const message of packets) {
    const reader = JuteReader.over(bytesOfHex(message.hex));
    const packet = decodeQuorumPacket(reader) ?? expect.fail('it can be decoded');
    expect(reader.remaining).toBe(0);
    const { type, zxid, dataHex, authinfo } = message.decoded;
    expect(packetTypeName(packet.type)).toBe(message.kind);
    expect({ ...packet, data: packet.data && hexOfBytes(packet.data) }).toEqual({
      type,
      zxid: BigInt.asIntN(64, BigInt(String(zxid))),
      data: dataHex,
      authinfo,
    });
    expect(hexOfBytes(encoded(encodeQuorumPacket, packet))).toBe(message.hex);
  }
});

type Check = (message: TrafficMessage) => void;

/** A packet whose data is null, written by one of the functions for such packets. */
function bare(append: (writer: JuteWriter, packet: PacketView) => void): Check {
  return (message) => {
    const packet = packetOf(message);
    expect(written((writer) => append(writer, packet))).toBe(message.hex);
  };
}

/** A packet whose data is a transaction, written from where the transaction lies. */
function transaction(append: typeof appendProposal): Check {
  return (message) => {
    const packet = packetOf(message);
    const { zxidHigh, zxidLow, bytes, view, dataStart, dataLength } = packet;
    const hex = written((writer) => {
      append(writer, zxidHigh, zxidLow, bytes, view, dataStart, dataLength);
    });
    expect(hex).toBe(message.hex);
    expectTransaction(dataOf(packet));
  };
}

const learnerInfo: Check = (message) => {
  const { serverid, protocolVersion, configVersion } = message.decoded.learnerInfo as {
    readonly serverid: number;
    readonly protocolVersion: number;
    readonly configVersion: string;
  };
  expectBody(message, decodeLearnerInfo, encodeLearnerInfo, {
    serverId: BigInt(serverid),
    protocolVersion,
    configVersion: BigInt(configVersion),
  });
};

const checks: Readonly<Record<string, Check>> = {
  ACK: bare((writer, { zxidHigh, zxidLow }) => appendAck(writer, zxidHigh, zxidLow)),
  COMMIT: bare((writer, { zxidHigh, zxidLow }) => appendCommit(writer, zxidHigh, zxidLow)),
  PROPOSAL: transaction(appendProposal),
  INFORM: transaction(appendInform),
  FOLLOWERINFO: learnerInfo,
  OBSERVERINFO: learnerInfo,

  PING(message) {
    const packet = packetOf(message);
    if (packet.dataLength < 0) {
      bare((writer, { zxidHigh, zxidLow }) => appendPing(writer, zxidHigh, zxidLow))(message);
      return;
    }
    const touches: [high: number, low: number, timeoutMs: number][] = [];
    const sink = {
      touchSession: (high: number, low: number, timeoutMs: number) => {
        touches.push([high, low, timeoutMs]);
      },
    };
    expect(readSessionTouches(packet, sink)).toBe(true);
    const told = (message.decoded.touches ?? []) as readonly {
      readonly sessionId: string;
      readonly timeout: number;
    }[];
    const expected = told.map(({ sessionId, timeout }) => {
      return [...Object.values(halvesOf(sessionId)), timeout];
    });
    expect(touches).toEqual(expected);
    const hex = written((writer) => {
      const start = beginPacket(writer, packet.type, packet.zxidHigh, packet.zxidLow);
      for (const touch of touches) appendSessionTouch(writer, ...touch);
      finishPacket(writer, start);
    });
    expect(hex).toBe(message.hex);
  },

  REQUEST(message) {
    const packet = packetOf(message);
    const request = new ForwardedRequestView();
    expect(request.reset(packet)).toBe(true);
    const { sessionHigh, sessionLow, cxid, op, bodyStart, bodyLength } = request;
    const { bytes, view } = packet;
    const told = message.decoded.request as Readonly<Record<string, unknown>>;
    expect({ sessionHigh, sessionLow, cxid, op }).toEqual({
      ...halvesOf(told.sessionId),
      cxid: told.cxid,
      op: told.type,
    });
    expect(hexOfBytes(bytes.subarray(bodyStart, bodyStart + bodyLength))).toBe(told.requestHex);
    expect(packet.authinfo()).toEqual(message.decoded.authinfo);
    const authinfo = encoded(encodeAuthinfo, packet.authinfo());
    const session = [sessionHigh, sessionLow] as const;
    const body = [bytes, view, bodyStart, bodyLength] as const;
    const hex = written((writer) => {
      appendForwardedRequest(writer, ...session, cxid, op, ...body, authinfo);
    });
    expect(hex).toBe(message.hex);
  },

  REVALIDATE(message) {
    const { sessionId, timeout, valid } = message.decoded;
    if (valid === undefined) {
      const ask = { ...halvesOf(sessionId), timeoutMs: timeout };
      expectBody(message, decodeRevalidateAsk, encodeRevalidateAsk, ask);
    } else {
      const answer = { ...halvesOf(sessionId), valid };
      expectBody(message, decodeRevalidateAnswer, encodeRevalidateAnswer, answer);
    }
  },

  LEADERINFO(message) {
    const { protocolVersion } = message.decoded;
    expectBody(message, decodeLeaderInfo, encodeLeaderInfo, { protocolVersion });
  },

  ACKEPOCH(message) {
    const { currentEpoch } = message.decoded;
    expectBody(message, decodeAckEpoch, encodeAckEpoch, { currentEpoch });
  },

  NEWLEADER(message) {
    const packet = packetOf(message);
    const text = Buffer.from(packet.bytes.subarray(packet.dataStart)).toString(
      'utf8',
      0,
      packet.dataLength,
    );
    expect(text).toBe(message.decoded.config);
    expectConfig(text);
  },

  COMMITANDACTIVATE(message) {
    const packet = packetOf(message);
    const leader = decodeDesignatedLeader(dataOf(packet)) ?? expect.fail('it is named');
    expect(leader).toBe(BigInt(Number(message.decoded.designatedLeader)));
    const hex = written((writer) => {
      appendCommitAndActivate(writer, packet.zxidHigh, packet.zxidLow, leader);
    });
    expect(hex).toBe(message.hex);
  },

  INFORMANDACTIVATE(message) {
    const packet = packetOf(message);
    const reader = dataOf(packet);
    const leader = decodeDesignatedLeader(reader) ?? expect.fail('it is named');
    expect(leader).toBe(BigInt(Number(message.decoded.designatedLeader)));
    const { bytes, view, position } = reader;
    const hex = written((writer) => {
      const { zxidHigh, zxidLow } = packet;
      const source = [bytes, view, position, reader.remaining] as const;
      appendInformAndActivate(writer, zxidHigh, zxidLow, leader, ...source);
    });
    expect(hex).toBe(message.hex);
    expectTransaction(reader);
  },
};

test.each([...new Set(packets.map(({ kind }) => kind))])('the data of %s', (kind) => {
  const check =
    checks[kind] ??
    bare((writer, { type, zxidHigh, zxidLow }) => {
      appendBarePacket(writer, type, zxidHigh, zxidLow);
    });
  for (const message of packets.filter((packet) => packet.kind === kind)) check(message);
});
