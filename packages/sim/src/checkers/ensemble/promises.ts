/**
 * S-11 and S-14: nobody says that it has what a power cut could take from it at that moment, be it in
 * an acknowledgement, an oath, a promise or a vote.
 */
import { PacketType } from '@zabra/wire';
import { isWithin, named } from './chain.ts';
import type { Said } from './facts.ts';
import { ballotOf, isBeginning, type Known, type Talk } from './known.ts';
import type { Rule, Say } from './rule.ts';

export const promises: Rule = {
  sent: (fact, known, say) => {
    const talk = known.talks.get(fact.connection);
    if (talk === undefined) return;
    if (fact.isLeaders) judgeLeader(fact, talk, known, say);
    else judgeLearner(fact, talk, known, say);
  },
  voted: ({ server, vote }, known, say) => {
    const view = known.server(server);
    // Old votes are said again on new connections, and who has a leader tells what elected it.
    if (!vote.isLooking || vote.leader !== server || view.ballots.has(ballotOf(vote))) return;
    if (vote.peerEpoch > BigInt(view.disk.currentEpoch)) {
      say('S-14', `server ${server} votes with epoch ${vote.peerEpoch}, which it may forget`);
    }
    if (vote.zxid < 0n || has(known, server, vote.zxid)) return;
    say('S-14', `server ${server} votes with ${named(vote.zxid)}, which is not on its disk`);
  },
};

function judgeLearner({ packet }: Said, talk: Talk, known: Known, say: Say): void {
  const { learner } = talk;
  const { zxid, currentEpoch } = packet;
  const { disk, durable } = known.server(learner);
  switch (packet.type) {
    case PacketType.FollowerInfo:
    case PacketType.ObserverInfo:
      if (Number(zxid >> 32n) <= disk.acceptedEpoch) return;
      say('S-14', `server ${learner} says that it has accepted ${zxid >> 32n}, and may forget it`);
      return;
    case PacketType.AckEpoch:
      if ((currentEpoch ?? 0) > disk.currentEpoch) {
        say('S-14', `server ${learner} says that its epoch is ${currentEpoch}, and may forget it`);
      }
      if (zxid <= 0n || has(known, learner, zxid)) return;
      say('S-14', `server ${learner} says that it has ${named(zxid)}, which is not on its disk`);
      return;
    case PacketType.Ack:
      if (!isBeginning(zxid)) {
        if (has(known, learner, zxid)) return;
        say('S-11', `server ${learner} acknowledges ${named(zxid)}, which is not on its disk`);
      } else if (talk.history !== null && !isWithin(talk.history, durable)) {
        const end = named(talk.history.zxid);
        say('S-11', `server ${learner} swears with a history up to ${end} not on its disk`);
      }
      return;
    default:
  }
}

/** What a snapshot holds is agreed, or at least safe where it comes from. */
function judgeLeader({ packet }: Said, { leader, epoch }: Talk, known: Known, say: Say): void {
  if (packet.type !== PacketType.Snap) return;
  const isWhole = isBeginning(packet.zxid) && packet.zxid >> 32n === BigInt(epoch);
  const term = isWhole ? known.termOf(epoch, leader) : undefined;
  const entry = term?.historyEnd ?? known.chain.entryOf(packet.zxid);
  if (entry !== undefined && isWithin(entry, known.agreed)) return;
  if (entry !== undefined && isWithin(entry, known.server(leader).durable)) return;
  say('S-14', `server ${leader} sends a snapshot of ${named(packet.zxid)}, which it may forget`);
}

function has(known: Known, server: number, zxid: bigint): boolean {
  const entry = known.chain.entryOf(zxid);
  return entry !== undefined && isWithin(entry, known.server(server).durable);
}
