import { PeerFigures, Summary } from '@zabra/zab';
import { expect, test } from 'vitest';
import { Figures } from './figures.ts';

/** Every figure is something else than at the beginning. */
function fill<T extends object>(figures: T): T {
  for (const [name, one] of Object.entries(figures)) {
    if (one instanceof Summary) one.add(7);
    else Object.assign(figures, { [name]: 7 });
  }
  return figures;
}

test('all figures of a server start over, but for those who failed to authenticate', () => {
  const figures = fill(new Figures());
  figures.reset();
  expect(figures).toEqual(Object.assign(new Figures(), { authFailures: 7 }));
});

test('all figures of a peer start over', () => {
  const figures = fill(new PeerFigures());
  figures.reset();
  expect(figures).toEqual(new PeerFigures());
});
