import { expect, it } from 'vitest';
import { Buffers } from './buffers.ts';
import { type Output, OutputPool } from './output.ts';

it('outputs are used again, and kept only up to a number of bytes', () => {
  const pool = new OutputPool(new Buffers());
  const outputs: Output[] = Array.from({ length: 80 }, (_, i) => {
    const output = pool.acquire(i);
    output.writer.reserve(256 * 1024);
    return output;
  });
  for (const output of outputs) pool.release(output);
  const again = Array.from({ length: 80 }, () => pool.acquire(1));
  const reused = again.filter((output) => outputs.includes(output));
  expect(reused.length).toBe(16);
  expect(reused.every(({ byteCount, connection }) => byteCount === 0 && connection === 1)).toBe(
    true,
  );
});

it('one that grew large gives its buffer back', () => {
  const buffers = new Buffers();
  const pool = new OutputPool(buffers);
  const output = pool.acquire(1);
  output.writer.reserve(1024 * 1024);
  const { bytes } = output;
  pool.release(output);
  expect(pool.acquire(1)).not.toBe(output);
  expect(buffers.take(1024 * 1024) === bytes).toBe(true);
});
