import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { copyBytes } from './copy.ts';
import { JuteReader } from './reader.ts';
import { decodeText, decodeTexts, encodeTexts, readVector, writeVector } from './vector.ts';
import { JuteWriter } from './writer.ts';

function written(write: (writer: JuteWriter) => void): Uint8Array {
  const writer = new JuteWriter(1);
  write(writer);
  return writer.finish();
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

test('the encoding is big-endian, lengths first, null as -1', () => {
  const bytes = written((writer) => {
    writer.boolean(true);
    writer.int(-2);
    writer.long(0x1_0000_0002n);
    writer.long2(1, 2);
    writer.string('é');
    writer.string(null);
    writer.buffer(new Uint8Array(0));
  });
  expect(Buffer.from(bytes).toString('hex')).toBe(
    '01 fffffffe 0000000100000002 0000000100000002 00000002c3a9 ffffffff 00000000'.replace(
      / /g,
      '',
    ),
  );
});

test('a string is its UTF-8, long or short, plain or not', () => {
  const plain = fc.string({ maxLength: 600, size: 'max' });
  const text = fc.oneof(plain, fc.string({ unit: 'grapheme', maxLength: 40 }));
  fc.assert(
    fc.property(fc.nat({ max: 9 }), text, (before, value) => {
      const expected = Buffer.alloc(before + 4);
      const utf8 = Buffer.from(value);
      expected.writeInt32BE(utf8.length, before);
      const bytes = written((writer) => {
        for (let i = 0; i < before; i += 1) writer.byte(0);
        writer.string(value);
      });
      expect(Buffer.from(bytes)).toEqual(Buffer.concat([expected, utf8]));
    }),
  );
});

test('any byte but zero is true', () => {
  const reader = JuteReader.over(Uint8Array.of(2, 0, 1));
  expect([reader.boolean(), reader.boolean(), reader.boolean()]).toEqual([true, false, true]);
});

test('a long is written by its low 64 bits', () => {
  const bytes = written((writer) => writer.long(0xffffffffffffffffn));
  expect(JuteReader.over(bytes).long()).toBe(-1n);
});

describe('a reader that has failed', () => {
  test('reads zeros and nulls from then on', () => {
    const reader = JuteReader.over(Uint8Array.of(0, 0, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8));
    expect(reader.buffer()).toBe(null);
    expect(reader.failed).toBe(true);
    expect([reader.int(), reader.long(), reader.boolean()]).toEqual([0, 0n, false]);
    expect([reader.string(), reader.buffer(), reader.count(1)]).toEqual([null, null, 0]);
    expect(reader.remaining).toBe(0);
  });

  test('begins anew when it is given other bytes', () => {
    const bytes = Uint8Array.of(0, 0, 0, 7);
    const reader = JuteReader.over(new Uint8Array(0));
    reader.int();
    expect(reader.reset(bytes, viewOf(bytes), 0, 4).int()).toBe(7);
    expect(reader.failed).toBe(false);
  });
});

test.each([-2, 5, 0x7fffffff])('the length %d does not fit', (length) => {
  const bytes = written((writer) => {
    writer.int(length);
    writer.int(0);
  });
  const reader = JuteReader.over(bytes);
  expect(reader.span()).toBe(-1);
  expect(reader.failed).toBe(true);
});

test('a count that cannot fit fails before anything is made for it', () => {
  const bytes = written((writer) => {
    writer.int(3);
    writer.long(0n);
  });
  expect(JuteReader.over(bytes).count(2)).toBe(3);
  const reader = JuteReader.over(bytes);
  expect(reader.count(3)).toBe(0);
  expect(reader.failed).toBe(true);
});

test('a vector is null only by -1; other negative counts are empty', () => {
  const read = (count: number) =>
    readVector(JuteReader.over(written((writer) => writer.int(count))), 4, decodeText);
  expect(read(-1)).toBe(null);
  expect(read(-2)).toEqual([]);
  expect(read(0)).toEqual([]);
});

test('a list of strings may be neither null nor hold null', () => {
  const decode = (write: (writer: JuteWriter) => void) =>
    decodeTexts(JuteReader.over(written(write)));
  expect(decode((writer) => encodeTexts(writer, ['a', '']))).toEqual(['a', '']);
  expect(decode((writer) => writer.int(-1))).toBe(null);
  expect(
    decode((writer) => writeVector(writer, [null], (to, text: string | null) => to.string(text))),
  ).toBe(null);
});

test('a buffer read from a borrowed chunk is a copy, in whatever array it came', () => {
  const chunk = Buffer.from('0000000201ff', 'hex');
  const data = JuteReader.over(chunk).buffer();
  chunk.fill(0);
  expect(data).toEqual(Uint8Array.of(1, 0xff));
});

test('bytes are copied alike by words, by bytes and in one go', () => {
  const sizes = fc.oneof(fc.nat(20), fc.integer({ min: 250, max: 300 }));
  fc.assert(
    fc.property(sizes, fc.nat(5), fc.nat(5), (byteCount, sourceStart, targetStart) => {
      const source = Uint8Array.from({ length: byteCount + 10 }, (_, i) => (i * 7 + 1) % 251);
      const target = new Uint8Array(byteCount + 10);
      const views = [viewOf(source), viewOf(target)] as const;
      copyBytes(source, views[0], sourceStart, target, views[1], targetStart, byteCount);
      const expected = new Uint8Array(byteCount + 10);
      expected.set(source.subarray(sourceStart, sourceStart + byteCount), targetStart);
      expect(target).toEqual(expected);
    }),
  );
});

test('a writer keeps what it wrote when it grows, and writes over what was taken back', () => {
  const writer = new JuteWriter(1);
  const other = written((to) => to.string('inner'));
  writer.int(1);
  const mark = writer.position;
  writer.string('refused');
  writer.position = mark;
  writer.raw(other, viewOf(other), 0, other.length);
  writer.span(other, viewOf(other), 4, 5);
  writer.span(other, viewOf(other), 0, -1);
  const reader = JuteReader.over(writer.finish());
  expect(reader.int()).toBe(1);
  expect([reader.string(), reader.string(), reader.string()]).toEqual(['inner', 'inner', null]);
  expect(reader.failed).toBe(false);
});
