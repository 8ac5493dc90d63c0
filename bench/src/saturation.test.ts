import { expect, it } from 'vitest';
import { isGeneratorSaturated } from './saturation.ts';

it.each([
  { generatorShare: 0.96, serverShare: 0.79, saturated: true, why: 'the server waited for load' },
  { generatorShare: 0.96, serverShare: 0.8, saturated: false, why: 'both were busy' },
  { generatorShare: 0.95, serverShare: 0.5, saturated: false, why: 'the generator had time left' },
  { generatorShare: 0.99, serverShare: 1.6, saturated: false, why: 'a server of several threads' },
])('$why', ({ saturated, ...shares }) => {
  expect(isGeneratorSaturated(shares)).toBe(saturated);
});
