import { expect, it } from 'vitest';
import { type Output, OutputPool } from './output.ts';

it('buffers are used again, and kept only up to a number of bytes', () => {
  const pool = new OutputPool();
  const outputs: Output[] = Array.from({ length: 40 }, (_, i) => {
    const output = pool.acquire(i);
    output.writer.reserve(1024 * 1024);
    return output;
  });
  for (const output of outputs) pool.release(output);
  const again = Array.from({ length: 40 }, () => pool.acquire(1));
  const reused = again.filter((output) => outputs.includes(output));
  expect(reused.length).toBeGreaterThan(4);
  expect(reused.length).toBeLessThan(20);
  expect(reused.every(({ byteCount, connection }) => byteCount === 0 && connection === 1)).toBe(
    true,
  );
});

it('a buffer that grew beyond all measure is not kept', () => {
  const pool = new OutputPool();
  const output = pool.acquire(1);
  output.writer.reserve(64 * 1024 * 1024);
  pool.release(output);
  expect(pool.acquire(1)).not.toBe(output);
});
