import { JuteWriter } from '@zabra/wire';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Buffers } from './buffers.ts';

it('gives buffers of at least the wanted size, and none twice', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 50_000 }), { maxLength: 40 }), (sizes) => {
      const buffers = new Buffers();
      const lent = new Set<Uint8Array>();
      for (const size of sizes) {
        const buffer = buffers.take(size);
        expect(buffer.length).toBeGreaterThanOrEqual(size);
        expect(lent.has(buffer)).toBe(false);
        lent.add(buffer);
        if (size % 3 !== 0) continue;
        lent.delete(buffer);
        buffers.giveBack(buffer);
      }
    }),
  );
});

it('a buffer that was given back serves again', () => {
  const buffers = new Buffers();
  const first = buffers.take(1000);
  buffers.giveBack(first);
  expect(buffers.take(600) === first).toBe(true);
  expect(buffers.take(600) === first).toBe(false);
});

it('keeps no more than a number of bytes, and nothing that is not of its sizes', () => {
  const buffers = new Buffers();
  const many = Array.from({ length: 40 }, () => buffers.take(1024 * 1024));
  for (const buffer of many) buffers.giveBack(buffer);
  const again = Array.from({ length: 40 }, () => buffers.take(1024 * 1024));
  expect(again.filter((buffer) => many.includes(buffer)).length).toBe(7);
  const odd = new Uint8Array(1000);
  buffers.giveBack(odd);
  expect(buffers.take(512) === odd).toBe(false);
  const huge = buffers.take(3 * 1024 * 1024);
  buffers.giveBack(huge);
  expect(buffers.take(2 * 1024 * 1024) === huge).toBe(false);
});

it('what a writer outgrows serves the next', () => {
  const buffers = new Buffers();
  const writer = new JuteWriter(64, buffers);
  const small = writer.bytes;
  for (let i = 0; i < 100; i += 1) writer.int(i);
  expect(writer.view.getInt32(99 * 4)).toBe(99);
  expect(buffers.take(64) === small).toBe(true);
  const large = writer.bytes;
  writer.release();
  expect(buffers.take(large.length) === large).toBe(true);
});
