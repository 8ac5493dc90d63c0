/** What every record between servers must hold: it comes back as it went in, and survives damage. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  encoded,
  expectRoundTrip,
  expectSafeDecoder,
} from '../../../../tests/support/codec-properties.ts';
import type { Codec, Decode, Encode } from '../jute/codec.ts';
import { JuteReader } from '../jute/reader.ts';
import { JuteWriter } from '../jute/writer.ts';
import { asZxid } from '../zxid.ts';
import { type AckEpoch, decodeAckEpoch, encodeAckEpoch } from './ack-epoch.ts';
import { decodeDesignatedLeader } from './activation.ts';
import { appendForwardedRequest, ForwardedRequestView } from './forwarded-request.ts';
import { decodeLeaderInfo, encodeLeaderInfo, type LeaderInfo } from './leader-info.ts';
import { decodeLearnerInfo, encodeLearnerInfo, type LearnerInfo } from './learner-info.ts';
import { PacketType, packetTypeName } from './packet-type.ts';
import {
  decodeQuorumAuthPacket,
  encodeQuorumAuthPacket,
  type QuorumAuthPacket,
} from './quorum-auth-packet.ts';
import {
  appendPacket,
  decodeQuorumPacket,
  encodeAuthinfo,
  encodeQuorumPacket,
  PacketView,
  type QuorumPacket,
} from './quorum-packet.ts';
import {
  decodeRevalidateAnswer,
  decodeRevalidateAsk,
  encodeRevalidateAnswer,
  encodeRevalidateAsk,
  type RevalidateAnswer,
  type RevalidateAsk,
} from './revalidate.ts';
import { asServerId, NO_SERVER, type ServerId } from './server-id.ts';
import { appendSessionTouch, readSessionTouches, SESSION_TOUCH_BYTES } from './session-touches.ts';

const int = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
const long = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });
const serverId = fc.oneof(long.map(asServerId), fc.constantFrom(NO_SERVER, asServerId(1n)));
const session = { sessionHigh: int, sessionLow: int };
const id = fc.record({ scheme: fc.string(), id: fc.string() });
const authinfo = fc.option(fc.array(id, { maxLength: 4 }));
const bytes = fc.uint8Array({ maxLength: 60 });

interface Row<Value> extends Codec<Value> {
  readonly name: string;
  readonly values: fc.Arbitrary<Value>;
}

const learnerInfos: fc.Arbitrary<LearnerInfo> = fc.oneof(
  fc.record({ serverId, protocolVersion: int, configVersion: fc.option(long) }),
  serverId.map((value) => ({ serverId: value, protocolVersion: null, configVersion: null })),
);

function row<Value>(
  name: string,
  values: fc.Arbitrary<Value>,
  encode: Encode<Value>,
  decode: Decode<Value>,
): Row<unknown> {
  return { name, values, encode, decode } as Row<unknown>;
}

const designatedLeader: Encode<ServerId> = (writer, value) => writer.long(value);

const rows: readonly Row<unknown>[] = [
  row<LearnerInfo>('LearnerInfo', learnerInfos, encodeLearnerInfo, decodeLearnerInfo),
  row<LeaderInfo>(
    'LeaderInfo',
    fc.record({ protocolVersion: int }),
    encodeLeaderInfo,
    decodeLeaderInfo,
  ),
  row<AckEpoch>('AckEpoch', fc.record({ currentEpoch: int }), encodeAckEpoch, decodeAckEpoch),
  row<RevalidateAsk>(
    'RevalidateAsk',
    fc.record({ ...session, timeoutMs: int }),
    encodeRevalidateAsk,
    decodeRevalidateAsk,
  ),
  row<RevalidateAnswer>(
    'RevalidateAnswer',
    fc.record({ ...session, valid: fc.boolean() }),
    encodeRevalidateAnswer,
    decodeRevalidateAnswer,
  ),
  row<ServerId>('a designated leader', serverId, designatedLeader, decodeDesignatedLeader),
  row<QuorumAuthPacket>(
    'QuorumAuthPacket',
    fc.record({ status: int, token: fc.option(bytes) }),
    encodeQuorumAuthPacket,
    decodeQuorumAuthPacket,
  ),
  row<QuorumPacket>(
    'QuorumPacket',
    fc.record({ type: int, zxid: long.map(asZxid), data: fc.option(bytes), authinfo }),
    encodeQuorumPacket,
    decodeQuorumPacket,
  ),
];

describe.each(rows)('$name', ({ values, encode, decode }) => {
  test('comes back as it went in', () => expectRoundTrip(values, encode, decode));
  test('survives damage', () => expectSafeDecoder(values, encode, decode));
});

test('LearnerInfo is told by its length; what is between two lengths is the shorter one', () => {
  const all = encoded(encodeLearnerInfo, {
    serverId: asServerId(5n),
    protocolVersion: 0x10000,
    configVersion: 7n,
  });
  const known = (byteCount: number) => {
    const info = decodeLearnerInfo(JuteReader.over(all.subarray(0, byteCount)));
    return info && [info.serverId, info.protocolVersion, info.configVersion];
  };
  expect(known(7)).toBe(null);
  expect([8, 11].map(known)).toEqual(Array(2).fill([5n, null, null]));
  expect([12, 19].map(known)).toEqual(Array(2).fill([5n, 0x10000, null]));
  expect(known(20)).toEqual([5n, 0x10000, 7n]);
});

function packetWith(data: Uint8Array, dataLength: number = data.length): PacketView {
  const writer = new JuteWriter();
  appendPacket(writer, PacketType.Ping, 0, 0, data, new DataView(data.buffer), 0, dataLength);
  const packet = new PacketView();
  packet.reset(writer.bytes, writer.view, 0, writer.position);
  return packet;
}

describe('session touches', () => {
  const touches = fc.array(fc.tuple(int, int, int), { maxLength: 20 });

  function read(packet: PacketView): number[][] | null {
    const seen: number[][] = [];
    const touchSession = (...touch: number[]) => {
      seen.push(touch);
    };
    return readSessionTouches(packet, { touchSession }) ? seen : null;
  }

  test('come back as they went in', () => {
    fc.assert(
      fc.property(touches, (all) => {
        const writer = new JuteWriter(1);
        for (const touch of all) appendSessionTouch(writer, ...touch);
        expect(read(packetWith(writer.finish()))).toEqual(all);
      }),
    );
  });

  test('are none in null and in nothing', () => {
    expect(read(packetWith(new Uint8Array(0), -1))).toEqual([]);
    expect(read(packetWith(new Uint8Array(0)))).toEqual([]);
  });

  test('must end behind an entry, and else none counts', () => {
    for (let byteCount = 1; byteCount < 3 * SESSION_TOUCH_BYTES; byteCount += 1) {
      const seen = read(packetWith(new Uint8Array(byteCount)));
      expect(seen?.length ?? null).toBe(byteCount % 12 === 0 ? byteCount / 12 : null);
    }
  });
});

describe('a forwarded request', () => {
  test('comes back as it went in', () => {
    fc.assert(
      fc.property(int, int, int, int, bytes, authinfo, (high, low, cxid, op, body, ids) => {
        const writer = new JuteWriter(1);
        const source = [body, new DataView(body.buffer), 0, body.length] as const;
        const identities = encoded(encodeAuthinfo, ids);
        appendForwardedRequest(writer, high, low, cxid, op, ...source, identities);
        const packet = new PacketView();
        packet.reset(writer.bytes, writer.view, 0, writer.position);
        const request = new ForwardedRequestView();
        expect(request.reset(packet)).toBe(true);
        const { sessionHigh, sessionLow, bodyStart, bodyLength } = request;
        expect([sessionHigh, sessionLow, request.cxid, request.op]).toEqual([high, low, cxid, op]);
        expect(packet.bytes.slice(bodyStart, bodyStart + bodyLength)).toEqual(body);
        expect(packet.zxid).toBe(-1n);
        expect(packet.authinfo()).toEqual(ids);
      }),
    );
  });

  test('is none in data that ends before the body', () => {
    const request = new ForwardedRequestView();
    expect(request.reset(packetWith(new Uint8Array(15)))).toBe(false);
    expect(request.reset(packetWith(new Uint8Array(0), -1))).toBe(false);
    expect(request.reset(packetWith(new Uint8Array(16)))).toBe(true);
    expect(request.bodyLength).toBe(0);
  });
});

test('types are named as ZooKeeper names them', () => {
  expect(packetTypeName(PacketType.CommitAndActivate)).toBe('COMMITANDACTIVATE');
  expect(packetTypeName(20)).toBe('type 20');
  expect(Object.values(PacketType)).toEqual(Array.from({ length: 19 }, (_, i) => i + 1));
});
