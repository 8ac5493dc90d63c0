/** What a change of configuration means for an election and its links together. */
import { asServerId, asZxid, NotificationFrames, PeerState, type ServerId } from '@zabra/wire';
import { expect, test } from 'vitest';
import { ensembleOf } from '../testing/ensembles.ts';
import { ELECTION_TIMES } from './settings.ts';
import { Voting } from './voting.ts';

const history = { zxid: asZxid(5n), currentEpoch: 0n };

function makeVoting(id: ServerId, ensemble: string): Voting {
  return new Voting(
    { ...ELECTION_TIMES, id, reconfigEnabled: true },
    { addresses: [{ host: 'h3', port: 3888 }], form: 'v1', greetingMs: 5000 },
    ensembleOf(ensemble),
    null,
  );
}

/** What server 3 says on links it has opened to these. */
function connect(voting: Voting, links: ReadonlyMap<number, bigint>): void {
  for (const [link, to] of links) voting.linkOpened(link, asServerId(to), 0);
  voting.takeOrders();
  for (const { link } of voting.takeOutput()) voting.flushed(link);
}

test('a configuration with other members closes every link and keeps the leader', () => {
  const voting = makeVoting(asServerId(3n), '1 2 3');
  voting.start(history, 0);
  connect(
    voting,
    new Map([
      [7, 1n],
      [8, 2n],
    ]),
  );
  const vote = { leader: asServerId(2n), zxid: asZxid(5n), round: 1n, peerEpoch: 4n };
  voting.assume(PeerState.Following, vote);
  voting.configure(ensembleOf('1 2 3 4 version=100'), null);
  expect(voting.takeOrders()).toEqual([
    { kind: 'closeLink', link: 7, reason: null },
    { kind: 'closeLink', link: 8, reason: null },
  ]);
  expect(voting.state).toBe(PeerState.Following);
  expect(voting.vote).toEqual(vote);
  expect(voting.round).toBe(0n);
});

test('a configuration with the same members leaves the links alone and is told from then on', () => {
  const voting = makeVoting(asServerId(3n), '1 2 3');
  voting.start(history, 0);
  connect(
    voting,
    new Map([
      [7, 1n],
      [8, 2n],
    ]),
  );
  voting.configure(ensembleOf('3 2 1 version=100'), null);
  expect(voting.takeOrders()).toEqual([]);
  voting.onTimer(200);
  const told = voting.takeOutput().map(({ bytes }) => {
    const frames = new NotificationFrames();
    frames.push(bytes);
    const next = frames.next();
    return next?.kind === 'notification' ? next.notification.config?.split('\n').at(-1) : null;
  });
  expect(told).toEqual(['version=100', 'version=100']);
});

test('members of a configuration under way are dialled, at its addresses too', () => {
  const voting = makeVoting(asServerId(3n), '1 2 3');
  const next = ensembleOf('1 3 4 version=100');
  const moved = next.members.map((member) => ({
    ...member,
    addresses: member.addresses.map((address) => ({ ...address, host: `new${member.id}` })),
  }));
  voting.configure(ensembleOf('1 2 3'), { ...next, members: moved });
  voting.start(history, 0);
  const dialled = voting.takeOrders().map((order) => {
    if (order.kind !== 'dial') return null;
    return `${order.to}: ${order.addresses.map(({ host }) => host).join(' ')}`;
  });
  expect(dialled).toEqual(['1: h1 new1', '2: h2', '4: new4']);
});

test('an election that was under way has to be started again', () => {
  const voting = makeVoting(asServerId(3n), '1 2 3');
  voting.start(history, 0);
  voting.configure(ensembleOf('1 3 version=100'), null);
  expect(voting.state).toBe(PeerState.Looking);
  expect(voting.wakeAt()).toBe(Number.POSITIVE_INFINITY);
  voting.start(history, 1000);
  expect(voting.round).toBe(1n);
  expect(voting.wakeAt()).toBe(1200);
});
