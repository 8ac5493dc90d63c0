import { expect, it } from 'vitest';
import { latencyOf } from './latency.ts';

it('finds percentiles to a thousandth', () => {
  const samples = Float64Array.from({ length: 1000 }, (_, i) => (i + 1) * 1000);
  const { p50Us, p99Us } = latencyOf(samples);
  expect(p50Us / 500).toBeCloseTo(1, 2);
  expect(p99Us / 990).toBeCloseTo(1, 2);
});

it('keeps a stall of minutes', () => {
  expect(latencyOf(Float64Array.of(120e9)).p99Us / 120e6).toBeCloseTo(1, 2);
});

it('takes a sample below the resolution of the clock', () => {
  expect(latencyOf(Float64Array.of(0)).p50Us).toBe(0.001);
});
