import { expect, it } from 'vitest';
import { Ledger } from '../faults/ledger.ts';
import { EnsembleTale } from '../testing/ensemble-tale.ts';
import { edges, Transitions } from './transitions.ts';

it('counts the edges that were taken, and no others', () => {
  const ledger = new Ledger();
  const transitions = new Transitions(ledger);
  const tale = new EnsembleTale();
  const { judge } = tale;
  const hear = judge.hear.bind(judge);
  judge.hear = (fact) => {
    transitions.hear(fact);
    hear(fact);
  };
  const [connection] = tale.reign(1, 1, [2]);
  judge.hear({ kind: 'closed', connection: connection!, isLeaders: true });
  tale.stand(2, { role: 'looking' });
  const taken = [...ledger.counts.keys()];
  expect(taken.filter((name) => !edges.includes(name))).toEqual([]);
  expect(taken).toEqual(
    expect.arrayContaining([
      'server: looking → leading',
      'server: following → looking',
      'leader: discovering → promising',
      'leader: promising → confirming',
      'leader: adopting → uniting',
      'leader: uniting → serving',
      'learner: promising → promised',
      'learner: catchingUp → adopting',
      'learner: serving → over',
      'learner seen by its leader: sworn → synced',
      'learner seen by its leader: synced → over',
    ]),
  );
});
