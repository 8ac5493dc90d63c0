import { expect, it } from 'vitest';
import { figureOf, spreadOf } from './figure.ts';

it('takes the middle of an odd number of rounds', () => {
  expect(figureOf([9, 1, 4])).toMatchObject({ median: 4, low: 1, high: 9 });
});

it('takes the mean of the two in the middle of an even number', () => {
  expect(figureOf([8, 1, 2, 4]).median).toBe(3);
});

it('gives half the distance of the extremes as spread', () => {
  expect(spreadOf(figureOf([90, 100, 110]))).toBeCloseTo(0.1);
  expect(spreadOf(figureOf([100]))).toBe(0);
});

it('refuses a figure of nothing', () => {
  expect(() => figureOf([])).toThrow('at least one');
});
