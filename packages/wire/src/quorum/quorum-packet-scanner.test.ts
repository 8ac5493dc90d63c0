import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bytesOfHex,
  hexOfBytes,
  SNAPSHOT_STREAM,
  type TrafficStream,
  trafficStreams,
} from '../../../../tests/support/quorum-traffic.ts';
import { JuteWriter } from '../jute/writer.ts';
import { zxidOf } from '../zxid.ts';
import { PacketType } from './packet-type.ts';
import {
  appendAck,
  appendBarePacket,
  appendProposal,
  encodeQuorumPacket,
  type PacketView,
} from './quorum-packet.ts';
import {
  AUTHINFO_COUNT_MAX,
  appendSnapshotSignature,
  QuorumPacketScanner,
} from './quorum-packet-scanner.ts';

const SIGNATURE_BYTES = 14;
const DATA_BYTES_MAX = 1000;

function written(write: (writer: JuteWriter) => void): Uint8Array {
  const writer = new JuteWriter();
  write(writer);
  return writer.finish();
}

function hexOfPacket({ bytes, start, end }: PacketView): string {
  return hexOfBytes(bytes.subarray(start, end));
}

/** The bytes in chunks that end where `cuts` says. */
function chunksOf(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length];
  ends.sort((a, b) => a - b);
  return ends.map((end, i) => bytes.slice(ends[i - 1] ?? 0, end));
}

interface Scanned {
  /** Packets, and snapshots without their signature, in hexadecimal. */
  readonly items: readonly string[];
  readonly scanner: QuorumPacketScanner;
}

/**
 * Scans a stream whose snapshots have the given lengths. Each chunk is overwritten once the scanner
 * has said that it needs it no more.
 */
function scan(chunks: readonly Uint8Array[], snapshotLengths: readonly number[] = []): Scanned {
  const scanner = new QuorumPacketScanner(DATA_BYTES_MAX * 1000);
  const lengths = [...snapshotLengths];
  const items: string[] = [];
  let snapshot = '';
  for (const chunk of chunks) {
    scanner.push(chunk);
    for (
      let step = scanner.next();
      step === 'packet' || step === 'snapshot';
      step = scanner.next()
    ) {
      if (step === 'packet') {
        items.push(hexOfPacket(scanner.packet));
        if (scanner.packet.type === PacketType.Snap && lengths.length > 0) scanner.beginSnapshot();
        continue;
      }
      const missing = (lengths[0] ?? 0) - snapshot.length / 2;
      snapshot += hexOfBytes(scanner.piece.subarray(0, missing));
      if (missing > scanner.piece.length) continue;
      scanner.endSnapshot(missing);
      items.push(snapshot);
      snapshot = '';
      lengths.shift();
    }
    chunk.fill(0xa5);
  }
  return { items, scanner };
}

const streams = trafficStreams().filter(({ isElection }) => !isElection);
const cutting = fc.array(fc.nat(), { maxLength: 40 });

function expectedItems({ messages }: TrafficStream): string[] {
  return messages.map(({ kind, hex }) => {
    return kind === SNAPSHOT_STREAM ? hex.slice(0, -2 * SIGNATURE_BYTES) : hex;
  });
}

function snapshotLengths({ messages }: TrafficStream): number[] {
  const snapshots = messages.filter(({ kind }) => kind === SNAPSHOT_STREAM);
  return snapshots.map(({ hex }) => hex.length / 2 - SIGNATURE_BYTES);
}

describe.each(streams)('$name', (stream) => {
  const expected = expectedItems(stream);

  test('is cut into its packets, however it is cut into chunks', () => {
    fc.assert(
      fc.property(cutting, (cuts) => {
        const { items } = scan(chunksOf(stream.bytes, cuts), snapshotLengths(stream));
        expect(items).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  test('is cut into its packets byte by byte', () => {
    const cuts = Array.from(stream.bytes, (_, i) => i);
    expect(scan(chunksOf(stream.bytes, cuts), snapshotLengths(stream)).items).toEqual(expected);
  });
});

test('a packet that lies in one chunk is handed out where it lies', () => {
  const memory = written((writer) => {
    for (let counter = 1; counter <= 4; counter += 1) appendAck(writer, 1, counter);
  });
  const scanner = new QuorumPacketScanner();
  const places: (readonly [counter: number, start: number, end: number])[] = [];
  for (const chunk of [memory.subarray(20, 60), memory.subarray(60), memory.slice(0, 20)]) {
    scanner.push(chunk);
    while (scanner.next() === 'packet') {
      const { bytes, zxidLow, start, end } = scanner.packet;
      expect(bytes.buffer).toBe(chunk.buffer);
      places.push([zxidLow, start, end]);
    }
    expect(scanner.keptBytes).toBe(0);
  }
  expect(places).toEqual([
    [2, 20, 40],
    [3, 40, 60],
    [4, 60, 80],
    [1, 0, 20],
  ]);
});

test('null data and empty data are two things', () => {
  const data = new Uint8Array(0);
  const view = new DataView(data.buffer);
  const scanner = new QuorumPacketScanner();
  scanner.push(
    written((writer) => {
      appendProposal(writer, 1, -1, data, view, 0, -1);
      appendProposal(writer, 1, -1, data, view, 0, 0);
    }),
  );
  const lengths: number[] = [];
  while (scanner.next() === 'packet') lengths.push(scanner.packet.dataLength);
  expect(lengths).toEqual([-1, 0]);
  expect(scanner.packet.zxid).toBe(0x1_ffff_ffffn);
});

test('a type that nobody knows is a packet like any other', () => {
  const chunk = written((writer) => appendBarePacket(writer, -77, 0, 0));
  expect(scan([chunk.slice()]).items).toEqual([hexOfBytes(chunk)]);
});

/** A packet's head and whatever is said to follow it. */
function announced(dataLength: number, ...more: number[]): Uint8Array {
  return written((writer) => {
    writer.int(PacketType.Request);
    writer.long2(0, 0);
    writer.int(dataLength);
    for (const value of more) writer.int(value);
  });
}

describe('a length that cannot be ends the stream before its bytes come', () => {
  const bad: readonly (readonly [string, Uint8Array, string, number])[] = [
    ['negative data', announced(-2), 'data-length', -2],
    ['data one byte too long', announced(DATA_BYTES_MAX + 1), 'data-length', DATA_BYTES_MAX + 1],
    ['giant data', announced(0x7fffffff), 'data-length', 0x7fffffff],
    ['a negative count', announced(-1, -2), 'authinfo-count', -2],
    ['too many identities', announced(-1, AUTHINFO_COUNT_MAX + 1), 'authinfo-count', 1025],
    ['a negative scheme', announced(0, 1, -3), 'authinfo-length', -3],
    ['a giant scheme', announced(-1, 1, 0x7fffffff), 'authinfo-length', 0x7fffffff],
    ['a giant id behind a null scheme', announced(-1, 1, -1, 1001), 'authinfo-length', 1001],
  ];

  test.each(bad)('%s', (_, bytes, reason, value) => {
    for (const chunks of [
      [bytes],
      chunksOf(
        bytes,
        Array.from(bytes, (_byte, i) => i),
      ),
    ]) {
      const scanner = new QuorumPacketScanner(DATA_BYTES_MAX);
      for (const chunk of chunks) {
        scanner.push(chunk);
        expect(['more', 'bad']).toContain(scanner.next());
      }
      expect(scanner.problem).toEqual({ reason, value });
      scanner.push(written((writer) => appendAck(writer, 0, 1)));
      expect(scanner.next()).toBe('bad');
      expect(scanner.keptBytes).toBe(0);
    }
  });

  /** Requests that carry identities of 306 bytes each. */
  function requestsWith(...counts: number[]): Uint8Array {
    const identity = { scheme: 'digest', id: 'u'.repeat(300) };
    return written((writer) => {
      for (const count of counts) {
        const authinfo = Array.from({ length: count }, () => identity);
        encodeQuorumPacket(writer, { type: 1, zxid: zxidOf(-1, -1), data: null, authinfo });
      }
    });
  }

  test('identities of a packet are bounded together, not each alone', () => {
    const scanner = new QuorumPacketScanner(DATA_BYTES_MAX);
    scanner.push(requestsWith(3, 3, 4));
    expect([scanner.next(), scanner.next(), scanner.next()]).toEqual(['packet', 'packet', 'bad']);
    expect(scanner.problem).toEqual({ reason: 'authinfo-length', value: 300 });
  });
});

test('no memory is taken for what was only announced', () => {
  const head = announced(2_000_000);
  const scanners = Array.from({ length: 500 }, () => new QuorumPacketScanner(2_000_000));
  const before = process.memoryUsage().arrayBuffers;
  for (const scanner of scanners) {
    scanner.push(head);
    expect(scanner.next()).toBe('more');
    expect(scanner.keptBytes).toBe(head.length);
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
});

test('data of the largest length passes, and leaves nothing behind', () => {
  const data = new Uint8Array(200_000).fill(7);
  const view = new DataView(data.buffer);
  const bytes = written((writer) => {
    appendProposal(writer, 0, 1, data, view, 0, data.length);
    appendAck(writer, 0, 1);
  });
  const scanner = new QuorumPacketScanner(data.length);
  const seen: number[] = [];
  let largest = 0;
  for (let at = 0; at < bytes.length; at += 1000) {
    scanner.push(bytes.subarray(at, at + 1000));
    while (scanner.next() === 'packet') seen.push(scanner.packet.dataLength);
    largest = Math.max(largest, scanner.keptBytes);
  }
  expect(seen).toEqual([data.length, -1]);
  expect(largest).toBeLessThan(data.length + 20);
  expect(scanner.keptBytes).toBe(0);
});

describe('a snapshot', () => {
  const head = written((writer) => appendBarePacket(writer, PacketType.Snap, 1, 0));
  const signature = written(appendSnapshotSignature);
  const tail = written((writer) => appendAck(writer, 1, 0));

  function joined(...parts: readonly Uint8Array[]): Uint8Array {
    return bytesOfHex(parts.map(hexOfBytes).join(''));
  }

  test('may end in the very piece it began in, and be followed there by packets', () => {
    const body = Uint8Array.of(1, 2, 3);
    const { items } = scan([joined(head, body, signature, tail)], [body.length]);
    expect(items).toEqual([head, body, tail].map(hexOfBytes));
  });

  test('is not looked at: it may hold anything', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), cutting, (body, cuts) => {
        fc.pre(body.length > 0);
        const bytes = joined(head, body, signature, tail);
        expect(scan(chunksOf(bytes, cuts), [body.length]).items).toEqual(
          [head, body, tail].map(hexOfBytes),
        );
      }),
      { numRuns: 60 },
    );
  });

  test('is handed on and not kept', () => {
    const scanner = new QuorumPacketScanner();
    scanner.push(head);
    expect(scanner.next()).toBe('packet');
    scanner.beginSnapshot();
    const chunk = new Uint8Array(100_000);
    for (let i = 0; i < 50; i += 1) {
      scanner.push(chunk);
      expect(scanner.next()).toBe('snapshot');
      expect(scanner.piece.buffer).toBe(chunk.buffer);
      expect(scanner.next()).toBe('more');
    }
    expect(scanner.keptBytes).toBe(0);
  });

  test('that ends without its signature ends the stream', () => {
    const broken = signature.slice();
    for (let at = 0; at < broken.length; at += 1) {
      broken.set(signature);
      broken[at] = (broken[at] ?? 0) ^ 1;
      const { items, scanner } = scan([joined(head, Uint8Array.of(9), broken, tail)], [1]);
      expect(items.length).toBe(2);
      expect(scanner.problem).toEqual({ reason: 'snapshot-signature', value: 0 });
    }
  });

  test('is begun behind a SNAP packet and ends in what was handed out', () => {
    const scanner = new QuorumPacketScanner();
    scanner.push(tail);
    scanner.next();
    expect(() => scanner.beginSnapshot()).toThrow('broken invariant');
    expect(() => scanner.endSnapshot(0)).toThrow('broken invariant');
    const other = new QuorumPacketScanner();
    other.push(joined(head, Uint8Array.of(1, 2)));
    other.next();
    other.beginSnapshot();
    other.next();
    expect(() => other.endSnapshot(3)).toThrow('broken invariant');
  });
});

test('a chunk must be used up before the next one comes', () => {
  const scanner = new QuorumPacketScanner();
  scanner.push(written((writer) => appendAck(writer, 0, 1)));
  expect(() => scanner.push(new Uint8Array(1))).toThrow('broken invariant');
});

describe('damaged streams', () => {
  const all = streams.map(({ bytes }) => bytes);
  const damaged = fc
    .record({
      bytes: fc.constantFrom(...all),
      places: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
      end: fc.nat(),
    })
    .map(({ bytes, places, end }) => {
      const copy = bytes.slice();
      for (const [at, byte] of places) copy[at % copy.length] = byte;
      return end % 2 === 0 ? copy : copy.subarray(0, end % (copy.length + 1));
    });
  const noise = fc.uint8Array({ maxLength: 400 });

  test('give the same however they are cut, keep no more than came, and never throw', () => {
    fc.assert(
      fc.property(fc.oneof(damaged, noise), cutting, (bytes, cuts) => {
        const whole = scan([bytes.slice()]);
        const cut = scan(chunksOf(bytes, cuts));
        expect(cut.items).toEqual(whole.items);
        expect(cut.scanner.problem).toEqual(whole.scanner.problem);
        expect(cut.scanner.keptBytes).toBe(whole.scanner.keptBytes);
        expect(cut.scanner.keptBytes).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 300 },
    );
  });
});
