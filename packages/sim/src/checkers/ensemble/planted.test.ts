/** Histories that no ensemble may live, each of which is noticed, and ugly ones that all may. */
import { PacketType, zxidOf } from '@zabra/wire';
import { describe, expect, it } from 'vitest';
import { EnsembleTale } from '../../testing/ensemble-tale.ts';

const first = zxidOf(1, 1);
const second = zxidOf(1, 2);
const third = zxidOf(1, 3);

interface Planted {
  readonly id: string;
  readonly what: string;
  tell(tale: EnsembleTale): void;
}

/** Server 3 loses its log and all its promises but the first, and comes back to the leader of that epoch. */
function refill(tale: EnsembleTale): void {
  tale.lose(3, { end: 0n, acceptedEpoch: 1 });
  const connection = tale.introduce(3, 1);
  tale.promise(connection, 3, 1, 1);
  tale.unite([connection], 1, 1, [3]);
}

const planted: readonly Planted[] = [
  // S-01
  {
    id: 'S-01',
    what: 'two servers lead in one epoch',
    tell: (tale) => {
      tale.reign(1, 1, [2]);
      const [connection] = tale.discover(1, 3, [2]);
      tale.unite([connection!], 1, 3, [2]);
    },
  },
  {
    id: 'S-01',
    what: 'a leader serves to whom no quorum has sworn',
    tell: (tale) => {
      tale.discover(1, 1, [2]);
      tale.store(1, { currentEpoch: 1 });
      tale.stand(1, { role: 'leading', epoch: 1, isServing: true });
    },
  },
  {
    id: 'S-01',
    what: 'a leader declares itself that only it has promised to follow',
    tell: (tale) => {
      const connection = tale.introduce(2, 1);
      tale.store(1, { acceptedEpoch: 1 });
      tale.send(connection, true, { type: PacketType.LeaderInfo, zxid: zxidOf(1, 0) });
      tale.store(1, { currentEpoch: 1 });
      tale.send(connection, true, { type: PacketType.NewLeader, zxid: zxidOf(1, 0) });
    },
  },
  {
    id: 'S-01',
    what: 'a leader declares itself that has less than those who have promised',
    tell: (tale) => {
      const connections = tale.reign(1, 1, [2]);
      tale.agree(first, 1, connections, [2]);
      const late = tale.discover(2, 3, [2]);
      tale.unite(late, 2, 3, [2]);
    },
  },
  {
    id: 'S-01',
    what: 'a learner is called up to date before its leader serves',
    tell: (tale) => {
      const connections = tale.discover(1, 1, [2]);
      tale.unite(connections, 1, 1, [2]);
      tale.send(connections[0]!, true, { type: PacketType.UpToDate });
    },
  },
  // S-02
  {
    id: 'S-02',
    what: 'an epoch is promised before it is on the disk',
    tell: (tale) => {
      const connection = tale.introduce(2, 1);
      tale.store(1, { acceptedEpoch: 1 });
      tale.say(connection, true, { type: PacketType.LeaderInfo, zxid: zxidOf(1, 0) });
      tale.send(connection, false, { type: PacketType.AckEpoch, zxid: 0n, currentEpoch: 0 });
    },
  },
  {
    id: 'S-02',
    what: 'a leader names an epoch that it may forget',
    tell: (tale) => {
      const connection = tale.introduce(2, 1);
      tale.send(connection, true, { type: PacketType.LeaderInfo, zxid: zxidOf(1, 0) });
    },
  },
  {
    id: 'S-02',
    what: 'a leader declares itself before the epoch is its own',
    tell: (tale) => {
      const [connection] = tale.discover(1, 1, [2]);
      tale.send(connection!, true, { type: PacketType.NewLeader, zxid: zxidOf(1, 0) });
    },
  },
  {
    id: 'S-02',
    what: 'an oath leaves before the epoch is adopted on the disk',
    tell: (tale) => {
      const [connection] = tale.discover(1, 1, [2]);
      tale.store(1, { currentEpoch: 1 });
      tale.say(connection!, true, { type: PacketType.Diff, zxid: 0n });
      tale.say(connection!, true, { type: PacketType.NewLeader, zxid: zxidOf(1, 0) });
      tale.send(connection!, false, { type: PacketType.Ack, zxid: zxidOf(1, 0) });
    },
  },
  {
    id: 'S-02',
    what: 'an epoch is adopted ahead of the history it stands for (B-03)',
    tell: (tale) => {
      const connections = tale.reign(1, 1, [2]);
      tale.agree(first, 1, connections, [2]);
      tale.stand(1, { role: 'looking' });
      const [late] = tale.discover(2, 1, [3]);
      tale.store(1, { currentEpoch: 2 });
      tale.say(late!, true, { type: PacketType.Diff, zxid: first });
      tale.store(3, { currentEpoch: 2 });
    },
  },
  {
    id: 'S-02',
    what: 'an accepted epoch falls',
    tell: (tale) => {
      tale.store(1, { acceptedEpoch: 4 });
      tale.store(1, { acceptedEpoch: 3 });
    },
  },
  {
    id: 'S-02',
    what: 'an epoch is adopted that was not accepted',
    tell: (tale) => tale.store(1, { acceptedEpoch: 3, currentEpoch: 4 }),
  },
  // S-03
  {
    id: 'S-03',
    what: 'a log has a hole',
    tell: (tale) => {
      const [connection] = tale.reign(1, 1, [2]);
      tale.begin(1, first);
      tale.begin(1, second);
      tale.say(connection!, true, {
        type: PacketType.Proposal,
        zxid: first,
        record: tale.record(first),
      });
      tale.log(2, second);
    },
  },
  {
    id: 'S-03',
    what: 'a learner is sent a history with a hole (B-08)',
    tell: (tale) => {
      const connections = tale.reign(1, 1, [2]);
      tale.agree(first, 1, connections, [2]);
      tale.agree(second, 1, connections, [2]);
      const late = tale.introduce(3, 1);
      tale.promise(late, 3, 1, 1);
      tale.say(late, true, { type: PacketType.Diff, zxid: second });
      tale.send(late, true, {
        type: PacketType.Proposal,
        zxid: second,
        record: tale.record(second),
      });
    },
  },
  {
    id: 'S-03',
    what: 'a leader leaves out a counter',
    tell: (tale) => {
      tale.reign(1, 1, [2]);
      tale.log(1, second);
    },
  },
  {
    id: 'S-03',
    what: 'a disk holds what is no history',
    tell: (tale) => tale.store(1, { problem: 'a record is missing' }),
  },
  // S-04
  {
    id: 'S-04',
    what: 'a server delivers a branch that others have left',
    tell: (tale) => {
      tale.reign(1, 1, [2, 3]);
      tale.begin(1, first);
      tale.die(2);
      tale.stand(3, { role: 'looking' });
      const late = tale.discover(2, 3, [2]);
      tale.unite(late, 2, 3, [2]);
      tale.serve(late, 2, 3, [2]);
      tale.agree(zxidOf(2, 1), 3, late, [2]);
      tale.stand(1, { role: 'following', leader: 3, epoch: 2, isServing: true });
      tale.apply(1, first);
    },
  },
  // S-05
  {
    id: 'S-05',
    what: 'a record is logged that no leader has proposed',
    tell: (tale) => {
      tale.reign(1, 1, [2]);
      tale.log(2, first);
    },
  },
  {
    id: 'S-05',
    what: 'a record is another where it arrives',
    tell: (tale) => {
      tale.reign(1, 1, [2]);
      tale.begin(1, first);
      tale.log(2, first, tale.record(first, '/another'));
    },
  },
  {
    id: 'S-05',
    what: 'a record is proposed under another zxid',
    tell: (tale) => {
      const [connection] = tale.reign(1, 1, [2]);
      tale.begin(1, first);
      const record = tale.record(first);
      tale.send(connection!, true, { type: PacketType.Proposal, zxid: second, record });
    },
  },
  {
    id: 'S-05',
    what: 'a server delivers what nobody has proposed',
    tell: (tale) => {
      tale.reign(1, 1, [2]);
      tale.apply(2, zxidOf(1, 7));
    },
  },
  // S-06 to S-09
  {
    id: 'S-06',
    what: 'a follower delivers what is not agreed',
    tell: (tale) => {
      const [connection] = tale.reign(1, 1, [2]);
      tale.begin(1, first, false);
      tale.propose(connection!, first, 2);
      tale.apply(2, first);
    },
  },
  {
    id: 'S-08',
    what: 'a server delivers an earlier record of its leader after a later one',
    tell: (tale) => {
      const connections = tale.reign(1, 1, [2]);
      tale.agree(first, 1, connections, [2]);
      tale.agree(second, 1, connections, [2]);
      tale.apply(2, first);
    },
  },
  {
    id: 'S-09',
    what: 'a server delivers a record of an earlier epoch after one of a later',
    tell: (tale) => {
      const connections = tale.reign(1, 1, [2]);
      tale.agree(first, 1, connections, [2]);
      tale.stand(1, { role: 'looking' });
      tale.stand(2, { role: 'looking' });
      const late = tale.reign(2, 1, [2]);
      tale.agree(zxidOf(2, 1), 1, late, [2]);
      tale.apply(2, first);
    },
  },
  // S-10
  {
    id: 'S-10',
    what: 'a leader serves without what was delivered before',
    tell: (tale) => {
      const connections = tale.reign(1, 1, [2]);
      tale.agree(first, 1, connections, [2]);
      tale.die(1);
      tale.stand(2, { role: 'looking' });
      const late = tale.discover(2, 3, [2]);
      tale.cut(2, 0n);
      tale.unite(late, 2, 3, [2]);
      tale.serve(late, 2, 3, [2]);
    },
  },
  // S-11
  {
    id: 'S-11',
    what: 'a proposal is acknowledged before it is on the disk',
    tell: (tale) => {
      const [connection] = tale.reign(1, 1, [2]);
      tale.begin(1, first);
      const record = tale.record(first);
      tale.say(connection!, true, { type: PacketType.Proposal, zxid: first, record });
      tale.log(2, first);
      tale.acknowledge(connection!, first);
    },
  },
  {
    id: 'S-11',
    what: 'an oath leaves before the history is on the disk (B-01, B-02)',
    tell: (tale) => {
      const connections = tale.reign(1, 1, [2]);
      tale.agree(first, 1, connections, [2]);
      const late = tale.introduce(3, 1);
      tale.promise(late, 3, 1, 1);
      tale.say(late, true, { type: PacketType.Diff, zxid: first });
      tale.say(late, true, { type: PacketType.Proposal, zxid: first, record: tale.record(first) });
      tale.say(late, true, { type: PacketType.NewLeader, zxid: zxidOf(1, 0) });
      tale.log(3, first);
      tale.store(3, { currentEpoch: 1 });
      tale.send(late, false, { type: PacketType.Ack, zxid: zxidOf(1, 0) });
    },
  },
  // S-12
  {
    id: 'S-12',
    what: 'a record is committed that a minority has',
    tell: (tale) => {
      const [connection] = tale.reign(1, 1, [2]);
      tale.begin(1, first);
      const record = tale.record(first);
      tale.say(connection!, true, { type: PacketType.Proposal, zxid: first, record });
      tale.commit(connection!, first);
    },
  },
  {
    id: 'S-12',
    what: "a leader's own disk counts before it has the record",
    tell: (tale) => {
      const [connection] = tale.reign(1, 1, [2]);
      tale.begin(1, first, false);
      tale.propose(connection!, first, 2);
      tale.acknowledge(connection!, first);
      tale.commit(connection!, first);
    },
  },
  {
    id: 'S-12',
    what: 'a commit overtakes its proposal',
    tell: (tale) => {
      const connections = tale.reign(1, 1, [2, 3]);
      tale.begin(1, first);
      tale.propose(connections[0]!, first, 2);
      tale.acknowledge(connections[0]!, first);
      tale.commit(connections[1]!, first);
    },
  },
  {
    id: 'S-12',
    what: 'commits leave out of order',
    tell: (tale) => {
      const connections = tale.reign(1, 1, [2]);
      for (const zxid of [first, second]) {
        tale.begin(1, zxid);
        tale.propose(connections[0]!, zxid, 2);
        tale.acknowledge(connections[0]!, zxid);
      }
      tale.commit(connections[0]!, second);
      tale.commit(connections[0]!, first);
    },
  },
  {
    id: 'S-12',
    what: 'a leader commits before it serves',
    tell: (tale) => {
      const [connection] = tale.discover(1, 1, [2]);
      tale.store(1, { currentEpoch: 1 });
      tale.say(connection!, true, { type: PacketType.Diff, zxid: 0n });
      tale.begin(1, first);
      tale.propose(connection!, first, 2);
      tale.commit(connection!, first);
    },
  },
  // S-14
  {
    id: 'S-14',
    what: 'a vote says more than the disk has',
    tell: (tale) => {
      tale.reign(1, 1, [2]);
      tale.begin(1, first, false);
      tale.stand(1, { role: 'looking' });
      tale.vote(1, first, 1);
    },
  },
  {
    id: 'S-14',
    what: 'a vote is of a later epoch than the disk has',
    tell: (tale) => tale.vote(1, 0n, 1),
  },
  {
    id: 'S-14',
    what: 'a learner says that it has accepted more than its disk has',
    tell: (tale) => {
      const connection = tale.connect(2, 1);
      tale.send(connection, false, { type: PacketType.FollowerInfo, zxid: zxidOf(3, 0) });
    },
  },
  {
    id: 'S-14',
    what: 'a learner says that it has more than its disk has',
    tell: (tale) => {
      const [connection] = tale.reign(1, 1, [2]);
      tale.begin(1, first);
      const record = tale.record(first);
      tale.say(connection!, true, { type: PacketType.Proposal, zxid: first, record });
      tale.log(2, first);
      const late = tale.introduce(2, 1);
      tale.say(late, true, { type: PacketType.LeaderInfo, zxid: zxidOf(1, 0) });
      tale.send(late, false, { type: PacketType.AckEpoch, zxid: first, currentEpoch: 1 });
    },
  },
  {
    id: 'S-14',
    what: 'a snapshot is sent of what is neither safe nor agreed',
    tell: (tale) => {
      const [connection] = tale.reign(1, 1, [2]);
      tale.begin(1, first, false);
      tale.send(connection!, true, { type: PacketType.Snap, zxid: first });
    },
  },
  // S-15
  {
    id: 'S-15',
    what: 'two servers have different trees at one zxid',
    tell: (tale) => {
      const connections = tale.reign(1, 1, [2, 3]);
      tale.agree(first, 1, connections, [2, 3]);
      tale.apply(3, first, 77n);
    },
  },
  {
    id: 'S-15',
    what: 'a server serves from a log with a hole in it',
    tell: (tale) => {
      const [, connection] = tale.reign(1, 1, [2, 3]);
      tale.agree(first, 1, [connection!], [3]);
      tale.lose(3, { problem: 'a record is missing' });
      tale.stand(3, { role: 'following', epoch: 1, leader: 1, isServing: true });
      tale.apply(3, first, 77n);
    },
  },
  // S-35
  {
    id: 'S-35',
    what: 'an observer is counted (B-57)',
    tell: (tale) => {
      const [voter, observer] = tale.reign(1, 1, [2, 4]);
      tale.begin(1, first);
      const record = tale.record(first);
      tale.say(voter!, true, { type: PacketType.Proposal, zxid: first, record });
      tale.propose(observer!, first, 4);
      tale.acknowledge(observer!, first);
      tale.commit(voter!, first);
    },
  },
  // S-36
  {
    id: 'S-36',
    what: 'a server acknowledges though its disk has failed',
    tell: (tale) => {
      const [connection] = tale.reign(1, 1, [2]);
      tale.begin(1, first);
      tale.propose(connection!, first, 2);
      tale.failDisk(2);
      tale.acknowledge(connection!, first);
    },
  },
  {
    id: 'S-36',
    what: 'a server lives on though its disk has failed',
    tell: (tale) => {
      tale.failDisk(2);
      tale.turn(2, 0);
      tale.turn(2, 1);
    },
  },
  {
    id: 'S-36',
    what: 'a server votes though its disk has failed',
    tell: (tale) => {
      tale.failDisk(2);
      tale.vote(2, 0n, 0);
    },
  },
  // S-38
  {
    id: 'S-38',
    what: 'a server that has forgotten everything votes for itself (B-30)',
    tell: (tale) => {
      tale.reign(1, 1, [3]);
      tale.forget(3);
      tale.vote(3, 0n, 0);
    },
  },
  {
    id: 'S-38',
    what: 'a leader counts on the promise of a server that has forgotten others',
    tell: (tale) => {
      tale.reign(1, 1, [3]);
      tale.forget(3);
      tale.stand(1, { role: 'looking' });
      const connections = tale.discover(2, 1, [3]);
      tale.unite(connections, 2, 1, [3]);
    },
  },
  {
    id: 'S-38',
    what: 'a server leads that has forgotten everything',
    tell: (tale) => {
      tale.reign(1, 3, [1]);
      tale.forget(3);
      tale.stand(3, { role: 'leading' });
    },
  },
  {
    id: 'S-38',
    what: 'a server is filled by a leader older than one that it has promised itself to',
    tell: (tale) => {
      tale.reign(1, 1, [3]);
      tale.store(3, { acceptedEpoch: 2 });
      refill(tale);
      tale.vote(3, 0n, 1);
    },
  },
  // Getting in step.
  {
    id: 'I16',
    what: 'a learner keeps what its leader has not (B-15)',
    tell: (tale) => {
      const [connection] = tale.reign(1, 1, [2]);
      tale.begin(1, first);
      tale.propose(connection!, first, 2);
      tale.die(1);
      tale.disks.set(1, { ...tale.disks.get(1)!, end: 0n });
      tale.start(1);
      const late = tale.discover(2, 1, [3, 2]);
      tale.store(1, { currentEpoch: 2 });
      tale.send(late[1]!, true, { type: PacketType.Diff, zxid: 0n });
    },
  },
  {
    id: 'I16',
    what: 'a learner is up to date with what it was not sent',
    tell: (tale) => {
      const connections = tale.reign(1, 1, [2]);
      tale.agree(first, 1, connections, [2]);
      const late = tale.introduce(3, 1);
      tale.promise(late, 3, 1, 1);
      tale.say(late, true, { type: PacketType.Diff, zxid: first });
      tale.log(3, first);
      tale.store(3, { end: first });
      tale.say(late, true, { type: PacketType.NewLeader, zxid: zxidOf(1, 0) });
      tale.store(3, { currentEpoch: 1 });
      tale.say(late, false, { type: PacketType.Ack, zxid: zxidOf(1, 0) });
      tale.say(late, true, { type: PacketType.UpToDate });
    },
  },
  {
    id: '12.3',
    what: 'a snapshot takes a learner back',
    tell: (tale) => {
      const connections = tale.reign(1, 1, [2]);
      tale.agree(first, 1, connections, [2]);
      const late = tale.introduce(2, 1);
      tale.promise(late, 2, 1, 1);
      tale.send(late, true, { type: PacketType.Snap, zxid: first });
    },
  },
  // L-09
  {
    id: 'L-09',
    what: 'a leader stays though its disk stands still',
    tell: (tale) => {
      tale.reign(1, 1, [2]);
      tale.turn(1, 0);
      tale.begin(1, first, false);
      for (let ms = 100; ms <= 7600; ms += 500) tale.turn(1, ms);
    },
  },
];

describe('a bad history is noticed', () => {
  it.each(planted)('$id: $what', ({ id, tell }) => {
    const tale = new EnsembleTale({ observers: [4] });
    tell(tale);
    expect(tale.violations.map((sentence) => sentence.split(':')[0])).toContain(id);
  });
});

describe('an ugly history is none', () => {
  it('a term with followers, and a learner that comes late', () => {
    const tale = new EnsembleTale();
    const connections = tale.reign(1, 1, [2]);
    for (const zxid of [first, second]) tale.agree(zxid, 1, connections, [2]);
    const late = tale.introduce(3, 1);
    tale.promise(late, 3, 1, 1);
    tale.unite([late], 1, 1, [3], [first, second]);
    tale.serve([late], 1, 1, [3]);
    tale.agree(third, 1, [...connections, late], [2, 3]);
    expect(tale.violations).toEqual([]);
  });

  it('a leader whose own disk is the last to have a record', () => {
    const tale = new EnsembleTale();
    const connections = tale.reign(1, 1, [2, 3]);
    tale.begin(1, first, false);
    for (const [i, connection] of connections.entries()) {
      tale.propose(connection, first, i + 2);
      tale.acknowledge(connection, first);
    }
    for (const connection of connections) tale.commit(connection, first);
    for (const server of [1, 2, 3]) tale.apply(server, first);
    expect(tale.violations).toEqual([]);
  });

  it('a record that only its leader had, cut off when it comes back', () => {
    const tale = new EnsembleTale();
    const connections = tale.reign(1, 1, [2, 3]);
    tale.agree(first, 1, connections, [2, 3]);
    tale.begin(1, second);
    tale.die(1);
    for (const server of [2, 3]) tale.stand(server, { role: 'looking' });
    const late = tale.reign(2, 2, [3]);
    tale.agree(zxidOf(2, 1), 2, late, [3]);
    tale.start(1);
    tale.vote(1, second, 1);
    const back = tale.introduce(1, 2);
    tale.promise(back, 1, 2, 2);
    tale.say(back, true, { type: PacketType.Trunc, zxid: first });
    tale.cut(1, first);
    tale.propose(back, zxidOf(2, 1), 1);
    tale.say(back, true, { type: PacketType.NewLeader, zxid: zxidOf(2, 0) });
    tale.store(1, { currentEpoch: 2 });
    tale.say(back, false, { type: PacketType.Ack, zxid: zxidOf(2, 0) });
    tale.serve([back], 2, 2, [1]);
    tale.apply(1, zxidOf(2, 1));
    expect(tale.violations).toEqual([]);
  });

  it('two servers that name one epoch, of which one gives up', () => {
    const tale = new EnsembleTale();
    const connection = tale.introduce(2, 1);
    tale.store(1, { acceptedEpoch: 1 });
    tale.stand(1, { role: 'leading', epoch: 1 });
    tale.send(connection, true, { type: PacketType.LeaderInfo, zxid: zxidOf(1, 0) });
    tale.stand(1, { role: 'looking' });
    tale.stand(2, { role: 'looking' });
    const late = tale.reign(1, 3, [2]);
    tale.agree(first, 3, late, [2]);
    expect(tale.violations).toEqual([]);
  });

  it('a server that has forgotten everything and is filled by a leader that others made', () => {
    const tale = new EnsembleTale();
    const connections = tale.reign(1, 1, [2]);
    tale.agree(first, 1, connections, [2]);
    const early = tale.introduce(3, 1);
    tale.promise(early, 3, 1, 1);
    tale.forget(3);
    tale.vote(3, -1n, 0);
    const late = tale.introduce(3, 1);
    tale.promise(late, 3, 1, 1);
    tale.unite([late], 1, 1, [3], [first]);
    tale.serve([late], 1, 1, [3]);
    tale.vote(3, first, 1);
    expect(tale.violations).toEqual([]);
  });

  it('a server whose disk has lost a log, and that serves when it was filled', () => {
    const tale = new EnsembleTale();
    const [, connection] = tale.reign(1, 1, [2, 3]);
    tale.agree(first, 1, [connection!], [3]);
    tale.lose(3, { problem: 'a record is missing' });
    tale.apply(3, first, 77n);
    tale.store(3, { problem: null });
    tale.apply(3, first);
    expect(tale.violations).toEqual([]);
  });

  it('a server whose disk has lost a log, and that is the first to be as of some record', () => {
    const tale = new EnsembleTale();
    const [connection] = tale.reign(1, 1, [2, 3]);
    tale.begin(1, first);
    tale.propose(connection!, first, 2);
    tale.lose(3, { problem: 'a record is missing' });
    tale.apply(3, first, 77n);
    tale.acknowledge(connection!, first);
    tale.commit(connection!, first);
    tale.apply(1, first);
    tale.apply(2, first);
    expect(tale.violations).toEqual([]);
  });

  it('a server that has lost its log, and was filled by the leader it had', () => {
    const tale = new EnsembleTale();
    tale.reign(1, 1, [3]);
    refill(tale);
    tale.vote(3, 0n, 1);
    expect(tale.violations).toEqual([]);
  });

  it('a server whose disk has lost nothing that matters', () => {
    const tale = new EnsembleTale();
    tale.reign(1, 1, [3]);
    tale.die(3);
    tale.judge.hear({ kind: 'forgot', server: 3 });
    tale.start(3);
    tale.vote(3, 0n, 1);
    expect(tale.violations).toEqual([]);
  });

  it('a vote that is said again when it is no longer true', () => {
    const tale = new EnsembleTale();
    tale.reign(1, 1, [2]);
    tale.begin(1, first);
    tale.stand(1, { role: 'looking' });
    tale.vote(1, first, 1);
    tale.cut(1, 0n);
    tale.vote(1, first, 1);
    expect(tale.violations).toEqual([]);
  });

  it('a leader that was held up and serves when others have gone on', () => {
    const tale = new EnsembleTale();
    const early = tale.discover(1, 1, [2, 3]);
    tale.unite(early, 1, 1, [2, 3]);
    for (const server of [2, 3]) tale.stand(server, { role: 'looking' });
    const late = tale.reign(2, 3, [2]);
    tale.agree(zxidOf(2, 1), 3, late, [2]);
    tale.stand(1, { role: 'leading', epoch: 1, isServing: true });
    expect(tale.violations).toEqual([]);
  });

  it('a learner that keeps what its leader has not handed to its own disk', () => {
    const tale = new EnsembleTale();
    const connections = tale.reign(1, 1, [2, 3]);
    for (const [i, connection] of connections.entries()) {
      tale.propose(connection, first, i + 2);
      tale.acknowledge(connection, first);
    }
    for (const connection of connections) tale.commit(connection, first);
    const back = tale.introduce(2, 1);
    tale.promise(back, 2, 1, 1);
    tale.send(back, true, { type: PacketType.Diff, zxid: first });
    expect(tale.violations).toEqual([]);
  });

  it('a leader whose disk is slow and not silent', () => {
    const tale = new EnsembleTale();
    tale.reign(1, 1, [2]);
    tale.begin(1, first, false);
    tale.turn(1, 100);
    for (let ms = 100; ms <= 6600; ms += 500) tale.turn(1, ms);
    tale.store(1, { end: first });
    tale.begin(1, second, false);
    for (let ms = 7100; ms <= 13_600; ms += 500) tale.turn(1, ms);
    expect(tale.violations).toEqual([]);
  });

  it('a leader whose machine slept while its disk had work', () => {
    const tale = new EnsembleTale();
    tale.reign(1, 1, [2]);
    tale.begin(1, first, false);
    tale.turn(1, 100);
    tale.turn(1, 30_000);
    tale.turn(1, 30_500);
    expect(tale.violations).toEqual([]);
  });
});
