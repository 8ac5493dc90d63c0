import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bytesOfHex,
  hexOfBytes,
  trafficStreams,
} from '../../../../tests/support/quorum-traffic.ts';
import { JuteReader } from '../jute/reader.ts';
import { JuteWriter } from '../jute/writer.ts';
import { asZxid, zxidOf } from '../zxid.ts';
import {
  decodeNotification,
  encodeNotification,
  type Notification,
  type NotificationOutcome,
  PeerState,
} from './notification.ts';
import {
  appendNotificationFrame,
  NOTIFICATION_BYTES_MAX,
  NotificationFrames,
} from './notification-frames.ts';
import { asServerId } from './server-id.ts';

const vote: Notification = {
  state: PeerState.Leading,
  leader: asServerId(3n),
  zxid: zxidOf(5, 6),
  electionEpoch: 7n,
  peerEpoch: 8n,
  version: 2,
  config: 'version=0',
};

function bytesWith(notification: Notification): Uint8Array {
  const writer = new JuteWriter();
  encodeNotification(writer, notification);
  return writer.finish();
}

function decoded(bytes: Uint8Array): NotificationOutcome {
  return decodeNotification(JuteReader.over(bytes));
}

function skipped(reason: string): unknown {
  return { kind: 'skipped', reason };
}

describe('the length tells the format', () => {
  const whole = bytesWith(vote);
  const old = { ...vote, version: 0, config: null };

  test('below 28 bytes there is no vote', () => {
    for (let byteCount = 0; byteCount < 28; byteCount += 1) {
      expect(decoded(whole.subarray(0, byteCount))).toEqual(skipped('too-short'));
    }
  });

  test('28 bytes: the peer epoch is that of the zxid', () => {
    const notification = { ...old, peerEpoch: 5n };
    expect(decoded(whole.subarray(0, 28))).toEqual({ kind: 'notification', notification });
    const negative = bytesWith({ ...vote, zxid: asZxid(-1n << 63n) }).subarray(0, 28);
    expect(decoded(negative)).toMatchObject({ notification: { peerEpoch: -0x80000000n } });
  });

  test('29 to 39 bytes, the 36 of 3.4.0 among them, cannot be read', () => {
    for (let byteCount = 29; byteCount < 40; byteCount += 1) {
      expect(decoded(whole.subarray(0, byteCount))).toEqual(skipped('unreadable-length'));
    }
  });

  test('40 bytes: the version does not count', () => {
    expect(decoded(whole.subarray(0, 40))).toEqual({ kind: 'notification', notification: old });
  });

  test('more: a configuration from version 2 on, in every later version too', () => {
    const later = { ...vote, version: 3 };
    expect(decoded(bytesWith(later))).toEqual({ kind: 'notification', notification: later });
    const first = bytesOfHex(`${hexOfBytes(bytesWith({ ...old, version: 1 }))}ffffffff`);
    expect(decoded(first)).toEqual({
      kind: 'notification',
      notification: { ...old, version: 1 },
    });
  });

  test.each([-1, -2, 10, 0x7fffffff])('a configuration of %d bytes is none', (length) => {
    const bytes = bytesWith(vote);
    new DataView(bytes.buffer).setInt32(40, length);
    expect(decoded(bytes)).toEqual(skipped('bad-config'));
  });

  test('a configuration may be empty, and bytes may follow it', () => {
    const bytes = bytesWith(vote);
    new DataView(bytes.buffer).setInt32(40, 0);
    const notification = { ...vote, config: '' };
    expect(decoded(bytes)).toEqual({ kind: 'notification', notification });
  });
});

test.each([-1, 4, 0x01000000])('the state %d is none', (state) => {
  expect(decoded(bytesWith({ ...vote, state: state as PeerState }))).toEqual(skipped('bad-state'));
});

const long = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });
const notifications: fc.Arbitrary<Notification> = fc.record({
  state: fc.constantFrom(...Object.values(PeerState)),
  leader: long.map(asServerId),
  zxid: long.map(asZxid),
  electionEpoch: long,
  peerEpoch: long,
  version: fc.constantFrom(2, 3, 1000),
  config: fc.string({ unit: 'grapheme', maxLength: 40 }),
});

function framed(all: readonly Notification[]): Uint8Array {
  const writer = new JuteWriter(1);
  for (const notification of all) appendNotificationFrame(writer, notification);
  return writer.finish();
}

/** Everything in a stream cut at these places; chunks are overwritten when they were used. */
function readAll(bytes: Uint8Array, cuts: readonly number[]): unknown[] {
  const frames = new NotificationFrames();
  const outcomes: unknown[] = [];
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length];
  ends.sort((a, b) => a - b);
  let start = 0;
  for (const end of ends) {
    const chunk = bytes.slice(start, end);
    start = end;
    frames.push(chunk);
    for (let outcome = frames.next(); outcome !== null; outcome = frames.next()) {
      outcomes.push(outcome);
      if (outcome.kind === 'bad-length') return outcomes;
    }
    chunk.fill(0xa5);
  }
  return outcomes;
}

const cutting = fc.array(fc.nat(), { maxLength: 20 });

describe('frames', () => {
  test('come back as they went in, however they are cut', () => {
    fc.assert(
      fc.property(fc.array(notifications, { maxLength: 5 }), cutting, (all, cuts) => {
        const expected = all.map((notification) => ({ kind: 'notification', notification }));
        expect(readAll(framed(all), cuts)).toEqual(expected);
      }),
    );
  });

  test('of the recorded streams do so too', () => {
    for (const { messages } of trafficStreams().filter(({ isElection }) => isElection)) {
      const sent = messages.filter(({ kind }) => kind === 'notification');
      const bytes = bytesOfHex(sent.map(({ hex }) => hex).join(''));
      fc.assert(
        fc.property(cutting, (cuts) => {
          const read = readAll(bytes, cuts) as { readonly notification: Notification }[];
          expect(hexOfBytes(framed(read.map(({ notification }) => notification)))).toBe(
            hexOfBytes(bytes),
          );
        }),
        { numRuns: 10 },
      );
    }
  });

  test.each([0, -1, NOTIFICATION_BYTES_MAX + 1, 0x7fffffff])('of %d bytes are none', (length) => {
    const frames = new NotificationFrames();
    const writer = new JuteWriter();
    writer.int(length);
    frames.push(writer.finish());
    const bad = { kind: 'bad-length', length };
    expect(frames.next()).toEqual(bad);
    frames.push(framed([vote]));
    expect(frames.next()).toEqual(bad);
  });

  test('take no memory for what was only announced', () => {
    const writer = new JuteWriter();
    writer.int(NOTIFICATION_BYTES_MAX);
    const head = writer.finish();
    const before = process.memoryUsage().arrayBuffers;
    const all = Array.from({ length: 1000 }, () => new NotificationFrames());
    for (const frames of all) {
      frames.push(head);
      expect(frames.next()).toBe(null);
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
  });

  test('of one byte and of the most bytes are frames', () => {
    const writer = new JuteWriter();
    writer.int(1);
    writer.byte(0);
    writer.int(NOTIFICATION_BYTES_MAX);
    const start = writer.position;
    encodeNotification(writer, vote);
    writer.reserve(NOTIFICATION_BYTES_MAX);
    writer.position = start + NOTIFICATION_BYTES_MAX;
    appendNotificationFrame(writer, vote);
    const whole = { kind: 'notification', notification: vote };
    expect(readAll(writer.finish(), [7000, 70_000])).toEqual([skipped('too-short'), whole, whole]);
  });

  test('that are noise give the same however they are cut, and never throw (B-52, B-53)', () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(fc.array(notifications, { maxLength: 3 }), fc.nat(), fc.nat(255))
        .map(([all, at, byte]) => {
          const bytes = framed(all);
          if (bytes.length > 0) bytes[at % bytes.length] = byte;
          return bytes;
        }),
    );
    fc.assert(
      fc.property(noise, cutting, (bytes, cuts) => {
        expect(readAll(bytes, cuts)).toEqual(readAll(bytes, []));
      }),
    );
  });
});
