/**
 * S-02: the two epochs on a disk. Neither falls; none is taken over that was not promised; no record
 * is of a later epoch than the one promised; and each is on the disk before anybody hears of it. The
 * epoch of a leader is taken over only behind all of the history that it began with.
 */
import { PacketType } from '@zabra/wire';
import { isWithin, named } from './chain.ts';
import type { Survivor } from './facts.ts';
import { isBeginning, type Known, type ServerView } from './known.ts';
import type { Rule, Say } from './rule.ts';

/** What somebody hears of an epoch by. */
const TELLING: readonly number[] = [
  PacketType.LeaderInfo,
  PacketType.AckEpoch,
  PacketType.NewLeader,
  PacketType.Ack,
];

export const epochs: Rule = {
  started: ({ server, disk }, known, say) => judgeDisk(known.server(server), disk, say),
  stored: ({ server, disk }, known, say) => {
    const view = known.server(server);
    judgeDisk(view, disk, say);
    if (disk.currentEpoch > view.disk.currentEpoch) judgeAdoption(view, disk, known, say);
  },
  sent: ({ connection, isLeaders, packet }, known, say) => {
    const talk = known.talks.get(connection);
    if (talk === undefined) return;
    if (!TELLING.includes(packet.type)) return;
    const { disk } = known.server(isLeaders ? talk.leader : talk.learner);
    const epoch = Number(packet.zxid >> 32n);
    if (packet.type === PacketType.LeaderInfo && disk.acceptedEpoch < epoch) {
      say('S-02', `server ${talk.leader} names epoch ${epoch}, which it may forget`);
    } else if (packet.type === PacketType.AckEpoch && disk.acceptedEpoch < talk.epoch) {
      say('S-02', `server ${talk.learner} promises epoch ${talk.epoch}, which it may forget`);
    } else if (packet.type === PacketType.NewLeader && disk.currentEpoch < epoch) {
      say('S-02', `server ${talk.leader} declares itself in epoch ${epoch}, which it may forget`);
    } else if (!isLeaders && packet.type === PacketType.Ack && isBeginning(packet.zxid)) {
      if (disk.currentEpoch >= epoch) return;
      say('S-02', `server ${talk.learner} swears to epoch ${epoch}, which it may forget`);
    }
  },
};

function judgeDisk(view: ServerView, disk: Survivor, say: Say): void {
  const { id } = view;
  const { acceptedEpoch, currentEpoch, end } = disk;
  if (acceptedEpoch < currentEpoch) {
    say('S-02', `server ${id} has adopted epoch ${currentEpoch}, having accepted ${acceptedEpoch}`);
  }
  if (acceptedEpoch < Number(end >> 32n)) {
    say('S-02', `server ${id} has ${named(end)}, having accepted epoch ${acceptedEpoch}`);
  }
  if (view.isForgetful) return;
  if (acceptedEpoch < view.disk.acceptedEpoch) {
    say('S-02', `server ${id} has accepted ${view.disk.acceptedEpoch}, and now ${acceptedEpoch}`);
  }
  if (currentEpoch < view.disk.currentEpoch) {
    say('S-02', `server ${id} has adopted ${view.disk.currentEpoch}, and now ${currentEpoch}`);
  }
}

function judgeAdoption(view: ServerView, disk: Survivor, known: Known, say: Say): void {
  const leader = view.stand.role === 'leading' ? view.id : view.stand.leader;
  const term = known.termOf(disk.currentEpoch, leader);
  const durable = known.chain.entryOf(disk.end);
  if (term === undefined || durable === undefined || isWithin(term.historyEnd, durable)) return;
  say(
    'S-02',
    `server ${view.id} has adopted epoch ${disk.currentEpoch} with a history up to ` +
      `${named(disk.end)}, and its leader's goes to ${named(term.historyEnd.zxid)}`,
  );
}
