import { zxidOf } from '@zabra/wire';
import { expect, it } from 'vitest';
import type { Fact, Listener } from '../checkers/ensemble/facts.ts';
import { EnsembleTale } from '../testing/ensemble-tale.ts';
import { PointTraps } from './point-traps.ts';
import { points } from './points.ts';

const first = zxidOf(1, 1);
const second = zxidOf(1, 2);

/** A tale that traps hear of first, and who was struck where. */
function trapped(point: string, passes: number): { tale: EnsembleTale; struck: number[] } {
  const tale = new EnsembleTale({ observers: [4] });
  const traps = new PointTraps(tale.judge.known);
  const struck: number[] = [];
  traps.set({ point, passes, spring: (server) => struck.push(server) });
  const { judge } = tale;
  const hear = judge.hear.bind(judge);
  const listener: Listener = {
    hear: (fact: Fact) => {
      traps.hear(fact);
      hear(fact);
    },
  };
  judge.hear = listener.hear;
  return { tale, struck };
}

function live(tale: EnsembleTale): void {
  const connections = tale.reign(1, 1, [2, 3]);
  for (const zxid of [first, second]) tale.agree(zxid, 1, connections, [2, 3]);
}

it.each([
  ['learner sends ACKEPOCH', 0, 2],
  ['learner sends ACKEPOCH', 1, 3],
  ['leader sends NEWLEADER', 0, 1],
  ['learner takes NEWLEADER', 1, 3],
  ['learner has stored current', 0, 2],
  ['leader has stored accepted', 0, 1],
  ['leader takes oath', 0, 1],
  ['leader decides', 1, 1],
  ['learner takes first COMMIT', 1, 3],
  ['leader sends PROPOSAL', 0, 1],
])('strikes at "%s" after %i', (point, passes, server) => {
  const { tale, struck } = trapped(point, passes);
  live(tale);
  expect(struck).toEqual([server]);
});

it('strikes nobody who does not come by', () => {
  const { tale, struck } = trapped('leader decides', 2);
  live(tale);
  expect(struck).toEqual([]);
});

it('has no two points of one name', () => {
  expect(new Set(points.map(({ name }) => name)).size).toBe(points.length);
});
