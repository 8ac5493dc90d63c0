/** Histories of members that change: those that no ensemble may live, and ugly ones that all may. */
import { PacketType, zxidOf } from '@zabra/wire';
import { describe, expect, it } from 'vitest';
import { EnsembleTale, ensembleOf } from '../../testing/ensemble-tale.ts';

const first = zxidOf(1, 1);
const second = zxidOf(1, 2);

/** Three voters, and two who are to be. */
const tale = (): EnsembleTale => {
  const one = new EnsembleTale();
  for (const server of [4, 5]) one.start(server);
  return one;
};

const idsOf = ({ violations }: EnsembleTale): string[] =>
  violations.map((sentence) => sentence.split(':')[0]!);

describe('a bad history is noticed', () => {
  it('S-35: a server goes by members on whom nobody has decided', () => {
    const one = tale();
    one.reign(1, 1, [2, 3]);
    one.configure(2, ensembleOf([2, 4, 5], [], first));
    expect(idsOf(one)).toContain('S-35');
  });

  it('S-12: a change is decided that no quorum of the old members has', () => {
    const one = tale();
    const connections = one.reign(1, 1, [2, 3, 4, 5]);
    one.changeMembers(first, [1, 4, 5]);
    one.begin(1, first);
    for (const at of [2, 3]) {
      one.propose(connections[at]!, first, at + 2);
      one.acknowledge(connections[at]!, first);
    }
    one.commit(connections[2]!, first);
    expect(idsOf(one)).toEqual(expect.arrayContaining([expect.stringMatching(/S-12|S-35/)]));
  });

  it('S-12: a change is decided that no quorum of the new members has', () => {
    const one = tale();
    const connections = one.reign(1, 1, [2, 3]);
    const members = one.changeMembers(first, [1, 4, 5]);
    one.begin(1, first);
    for (const at of [0, 1]) {
      one.propose(connections[at]!, first, at + 2);
      one.acknowledge(connections[at]!, first);
    }
    one.configure(1, members);
    expect(idsOf(one)).toEqual(expect.arrayContaining([expect.stringMatching(/S-12|S-35/)]));
  });

  it('S-12: what stands behind a change is decided by the old members alone', () => {
    const one = tale();
    const connections = one.reign(1, 1, [2, 3, 4, 5]);
    one.changeMembers(first, [1, 4, 5]);
    one.agree(first, 1, connections, [2, 3, 4, 5]);
    one.begin(1, second);
    for (const at of [0, 1]) {
      one.propose(connections[at]!, second, at + 2);
      one.acknowledge(connections[at]!, second);
    }
    one.apply(1, second);
    expect(idsOf(one)).toEqual(expect.arrayContaining([expect.stringMatching(/S-12|S-35/)]));
  });

  it('S-35: a leader brings members to rule of whom no quorum has sworn', () => {
    const one = tale();
    const connections = one.discover(1, 1, [2, 3]);
    one.unite(connections, 1, 1, [2, 3]);
    one.stand(1, { role: 'leading', epoch: 1, isServing: true });
    one.configure(1, ensembleOf([1, 4, 5], [], first));
    expect(idsOf(one)).toContain('S-35');
  });

  it('S-01: a leader calls its learners up to date and leaves, and no quorum has sworn', () => {
    const one = tale();
    const [connection] = one.discover(1, 1, [2, 3]);
    one.store(1, { currentEpoch: 1 });
    one.say(connection!, true, { type: PacketType.Diff, zxid: 0n });
    one.say(connection!, true, { type: PacketType.NewLeader, zxid: zxidOf(1, 0) });
    one.stand(1, { role: 'looking' });
    one.say(connection!, true, { type: PacketType.UpToDate });
    expect(idsOf(one)).toContain('S-01');
  });
});

describe('an ugly history is none', () => {
  it('a change and what stands behind it, decided at once by who is left', () => {
    const one = tale();
    const connections = one.reign(1, 1, [2, 3, 4, 5]);
    one.changeMembers(first, [1, 4, 5]);
    for (const zxid of [first, second]) one.begin(1, zxid);
    for (const [i, connection] of connections.entries()) {
      one.propose(connection, first, i + 2);
      one.acknowledge(connection, first);
    }
    for (const at of [2, 3]) {
      one.propose(connections[at]!, second, at + 2);
      one.acknowledge(connections[at]!, second);
    }
    one.apply(1, second);
    expect(one.violations).toEqual([]);
  });

  it('a change that was decided, though nobody could be told of it', () => {
    const one = tale();
    const connections = one.reign(1, 1, [2, 3, 4, 5]);
    const members = one.changeMembers(first, [3, 4, 5]);
    one.begin(1, first);
    for (const [i, connection] of connections.entries()) {
      one.propose(connection, first, i + 2);
      one.acknowledge(connection, first);
    }
    one.stand(1, { role: 'looking' });
    one.configure(1, members);
    one.configure(5, members);
    const late = one.reign(2, 5, [4]);
    one.agree(zxidOf(2, 1), 5, late, [4]);
    expect(one.violations).toEqual([]);
  });

  it('a leader that negotiates by the old members, as it was not told that the new ones rule', () => {
    const one = tale();
    const connections = one.reign(1, 1, [2, 3, 4, 5]);
    one.configure(3, ensembleOf([1, 2, 3]));
    one.changeMembers(first, [3, 4, 5]);
    one.agree(first, 1, connections, [2, 3, 4, 5]);
    const early = one.discover(2, 3, [2]);
    one.store(3, { currentEpoch: 2 });
    one.unite(early, 2, 3, [2]);
    const late = one.introduce(4, 3);
    one.promise(late, 4, 3, 2);
    one.unite([late], 2, 3, [4]);
    one.serve([...early, late], 2, 3, [2, 4]);
    expect(one.violations).toEqual([]);
  });

  it('a leader that has a change from its disk alone, and serves until it has brought it to rule', () => {
    const one = tale();
    const connections = one.discover(1, 1, [2, 3, 4, 5]);
    one.unite(connections, 1, 1, [2, 3, 4, 5]);
    const members = ensembleOf([3, 4, 5], [], zxidOf(0, 7));
    one.stand(1, { role: 'looking' });
    one.configure(1, members);
    for (const connection of connections) one.say(connection, true, { type: PacketType.UpToDate });
    one.configure(4, members);
    const late = one.reign(2, 4, [5]);
    one.agree(zxidOf(2, 1), 4, late, [5]);
    expect(one.violations).toEqual([]);
  });
});
