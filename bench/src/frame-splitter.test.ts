import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameSplitter } from './frame-splitter.ts';
import { frame } from './frames.ts';

function split(chunks: readonly Buffer[]): { payloads: string[]; count: number } {
  const splitter = new FrameSplitter();
  const payloads: string[] = [];
  let count = 0;
  for (const chunk of chunks) {
    count += splitter.push(chunk, (buffer, start, end) => {
      payloads.push(buffer.toString('latin1', start, end));
    });
    // The reader fills its chunk again: what the splitter keeps must be its own.
    chunk.fill(0xff);
  }
  return { payloads, count };
}

describe('FrameSplitter', () => {
  it('counts frames that share a chunk', () => {
    const chunk = Buffer.concat([frame(Buffer.from('one')), frame(Buffer.from('three'))]);
    expect(split([chunk])).toEqual({ payloads: ['one', 'three'], count: 2 });
  });

  it('counts a frame without a payload', () => {
    expect(split([frame()])).toEqual({ payloads: [''], count: 1 });
  });

  it('counts nothing before a frame is whole', () => {
    expect(split([frame(Buffer.from('cut')).subarray(0, 6)]).count).toBe(0);
  });

  it('finds the same frames however the stream is cut', () => {
    const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 20 });
    const payloads = fc.array(fc.string({ unit: 'binary-ascii', maxLength: 30 }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(payloads, cuts, (expected, places) => {
        const stream = Buffer.concat(expected.map((text) => frame(Buffer.from(text, 'latin1'))));
        const edges = [0, ...places.sort((a, b) => a - b), stream.length];
        const chunks = edges.slice(1).map((end, i) => Buffer.from(stream.subarray(edges[i], end)));
        expect(split(chunks)).toEqual({ payloads: expected, count: expected.length });
      }),
    );
  });
});
