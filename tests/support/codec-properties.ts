/**
 * What every codec of the wire room must hold, whatever its record: a value comes back as it went
 * in, and a decoder given any bytes neither throws nor looks outside its window.
 */
import { type Decode, type Encode, JuteReader, JuteWriter } from '@zabra/wire';
import fc from 'fast-check';
import { expect } from 'vitest';

/** A small capacity makes the writer grow in the middle of records. */
const WRITER_CAPACITY = 4;
const MARGIN_BYTES = 16;

export function encoded<Value>(encode: Encode<Value>, value: Value): Uint8Array {
  const writer = new JuteWriter(WRITER_CAPACITY);
  encode(writer, value);
  return writer.finish();
}

/** Every value comes back equal, with nothing left to read. */
export function expectRoundTrip<Value>(
  values: fc.Arbitrary<Value>,
  encode: Encode<Value>,
  decode: Decode<Value>,
  numRuns = 60,
): void {
  fc.assert(
    fc.property(values, (value) => {
      const reader = JuteReader.over(encoded(encode, value));
      expect(decode(reader)).toEqual(value);
      expect(reader.remaining).toBe(0);
    }),
    { numRuns },
  );
}

/** Damaged records and plain noise give a value or null, the same in any surroundings. */
export function expectSafeDecoder<Value>(
  values: fc.Arbitrary<Value>,
  encode: Encode<Value>,
  decode: Decode<unknown>,
  numRuns = 60,
): void {
  const damaged = fc
    .tuple(values, fc.nat(), fc.nat(255), fc.nat())
    .map(([value, at, byte, length]) => damage(encoded(encode, value), at, byte, length));
  const noise = fc.uint8Array({ maxLength: 120 });
  fc.assert(
    fc.property(fc.oneof(damaged, noise), (bytes) => {
      expect(decodeAmid(bytes, 0x00, decode)).toEqual(decodeAmid(bytes, 0xff, decode));
    }),
    { numRuns },
  );
}

/** One byte changed, and sometimes the end cut off. */
function damage(bytes: Uint8Array, at: number, byte: number, length: number): Uint8Array {
  const damaged = bytes.slice();
  if (damaged.length > 0) damaged[at % damaged.length] = byte;
  return length % 2 === 0 ? damaged : damaged.subarray(0, length % (damaged.length + 1));
}

function decodeAmid(bytes: Uint8Array, surroundings: number, decode: Decode<unknown>): unknown {
  const whole = new Uint8Array(bytes.length + 2 * MARGIN_BYTES).fill(surroundings);
  whole.set(bytes, MARGIN_BYTES);
  const end = MARGIN_BYTES + bytes.length;
  const view = new DataView(whole.buffer);
  const reader = new JuteReader().reset(whole, view, MARGIN_BYTES, end);
  const value = decode(reader);
  expect(reader.position).toBeLessThanOrEqual(end);
  expect(value === null).toBe(reader.failed);
  return value;
}
