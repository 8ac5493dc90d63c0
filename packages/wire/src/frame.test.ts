import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeFrame, FrameReader } from './frame.ts';
import { JuteWriter } from './jute/writer.ts';

function streamOf(payloads: readonly Uint8Array[]): Uint8Array {
  const writer = new JuteWriter(1);
  for (const payload of payloads) {
    encodeFrame(writer, (body) => {
      for (const byte of payload) body.byte(byte);
    });
  }
  return writer.finish();
}

/** Cuts at the given places, taken modulo the length; several cuts in one place give empty chunks. */
function chunksOf(stream: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = cuts.map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b);
  return [...places, stream.length].map((end, i) => stream.slice(places[i - 1] ?? 0, end));
}

function drain(reader: FrameReader): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let frame = reader.next(); frame !== null; frame = reader.next()) frames.push(frame);
  return frames;
}

const payloads = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 8 });
const cuts = fc.array(fc.nat(), { maxLength: 12 });

test('any chunking of a stream gives the same frames', () => {
  fc.assert(
    fc.property(payloads, cuts, (sent, places) => {
      const reader = new FrameReader();
      const received = chunksOf(streamOf(sent), places).flatMap((chunk) => {
        reader.push(chunk);
        return drain(reader);
      });
      expect(received).toEqual(sent);
      expect(reader.badLength).toBe(null);
    }),
  );
});

test('chunks may pile up before the first frame is taken', () => {
  fc.assert(
    fc.property(payloads, cuts, (sent, places) => {
      const reader = new FrameReader();
      for (const chunk of chunksOf(streamOf(sent), places)) reader.push(chunk);
      expect(drain(reader)).toEqual(sent);
    }),
  );
});

test('a frame inside one chunk is not copied', () => {
  const stream = streamOf([Uint8Array.of(1, 2, 3)]);
  const reader = new FrameReader();
  reader.push(stream);
  expect(reader.next()?.buffer).toBe(stream.buffer);
});

test('a frame that spans chunks outlives the chunks that follow', () => {
  const stream = streamOf([Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6)]);
  const reader = new FrameReader();
  reader.push(stream.slice(0, 6));
  expect(reader.next()).toBe(null);
  reader.push(stream.slice(6, 12));
  const first = reader.next();
  expect(reader.next()).toBe(null);
  reader.push(stream.slice(12));
  expect(reader.next()).toEqual(Uint8Array.of(4, 5, 6));
  expect(first).toEqual(Uint8Array.of(1, 2, 3));
});

test.each([
  [-1, 'ffffffff'],
  [0x100000, '00100000'],
  [0x47455420, '47455420'],
])('the length %d ends the stream', (length, hex) => {
  const reader = new FrameReader();
  reader.push(streamOf([Uint8Array.of(7)]));
  reader.push(new Uint8Array(Buffer.from(hex, 'hex')));
  expect(drain(reader)).toEqual([Uint8Array.of(7)]);
  expect(reader.badLength).toBe(length);
  reader.push(streamOf([Uint8Array.of(8)]));
  expect(reader.next()).toBe(null);
});

test('the largest allowed frame passes', () => {
  const reader = new FrameReader(3);
  reader.push(streamOf([Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2, 3, 4)]));
  expect(drain(reader)).toHaveLength(1);
  expect(reader.badLength).toBe(4);
});
