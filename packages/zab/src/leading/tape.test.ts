import { JuteWriter } from '@zabra/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Tape } from './tape.ts';

const packet = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 300 }) },
  { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 150_000 }) },
);

function write(tape: Tape, byteCount: number, fill: number): number {
  const place = tape.end;
  const writer = tape.open(byteCount);
  for (let i = 0; i < byteCount; i += 1) writer.byte((fill + i) & 0xff);
  tape.close();
  return place;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

test('what lies between two places is what was written there, however it is cut', () => {
  fc.assert(
    fc.property(
      fc.array(packet, { minLength: 1, maxLength: 8 }),
      fc.nat(),
      fc.nat(),
      (sizes, a, b) => {
        const tape = new Tape();
        const written: number[] = [];
        for (const [fill, size] of sizes.entries()) {
          write(tape, size, fill);
          for (let i = 0; i < size; i += 1) written.push((fill + i) & 0xff);
        }
        const [from, to] = [a % (tape.end + 1), b % (tape.end + 1)].sort((x, y) => x - y);
        const pieces: Uint8Array[] = [];
        expect(tape.read(from!, to!, pieces)).toBe(to! - from!);
        const found = joined(pieces);
        expect(found.length).toBe(to! - from!);
        expect(found.findIndex((byte, i) => byte !== written[from! + i])).toBe(-1);
      },
    ),
    { numRuns: 30 },
  );
});

test('a packet is copied from its place, whatever was written behind it', () => {
  const tape = new Tape();
  const places = [200_000, 100_000, 40, 300_000, 7].map((size, fill) => write(tape, size, fill));
  const out = new JuteWriter();
  tape.copy(places[2]!, 40, out);
  expect([...out.finish()].slice(0, 4)).toEqual([2, 3, 4, 5]);
});

test('whole chunks are let go, and what was taken of them stays as it was', () => {
  const tape = new Tape();
  write(tape, 200_000, 1);
  const pieces: Uint8Array[] = [];
  tape.read(0, 2, pieces);
  const second = write(tape, 200_000, 2);
  tape.forget(second - 1);
  expect(tape.start).toBe(0);
  tape.forget(second);
  expect(tape.start).toBe(second);
  expect([...joined(pieces)]).toEqual([1, 2]);
  expect(() => tape.read(0, 1, [])).toThrow('on it');
});
