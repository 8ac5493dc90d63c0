import { zxidOf } from '@zabra/wire';
import { expect, test } from 'vitest';
import { History } from './history.ts';

test('it is durable when the disk has said so of the last record', () => {
  const history = new History(zxidOf(1, 7));
  expect(history.isDurable).toBe(true);
  history.append(2, 1);
  history.append(2, 2);
  history.onDurable(2, 1);
  expect(history.isDurable).toBe(false);
  history.onDurable(2, 2);
  expect(history.isDurable).toBe(true);
  expect(history.last).toBe(zxidOf(2, 2));
});

test('a log that is cut is not durable before the disk has cut it, wherever it grows to', () => {
  const history = new History(zxidOf(1, 7));
  history.endAt(zxidOf(1, 5));
  expect(history.isDurable).toBe(false);
  history.append(1, 6);
  history.append(1, 7);
  expect(history.isDurable).toBe(false);
  history.onDurable(1, 5);
  expect(history.isDurable).toBe(false);
  history.onDurable(1, 7);
  expect(history.isDurable).toBe(true);
});

test('counters are compared without a sign, epochs with one', () => {
  const history = new History(zxidOf(3, 0x7fffffff));
  history.append(3, 0x80000000 | 0);
  expect(history.last).toBe(zxidOf(3, 0x80000000));
  expect(new History(-1n as ReturnType<typeof zxidOf>).last).toBe(-1n);
});
