/**
 * S-01, S-10 and S-38: in an epoch one server leads at most; a quorum has promised it the epoch, none
 * of which has more than the leader, and has sworn to its history; and its history holds everything
 * that anybody has ever delivered. Who may have forgotten a promise is no part of that quorum.
 */
import { PacketType } from '@zabra/wire';
import { type Entry, isWithin, named } from './chain.ts';
import type { Known, Term } from './known.ts';
import { isQuorum, rulingAt } from './quorums.ts';
import type { Rule, Say } from './rule.ts';

export const leadership: Rule = {
  sent: ({ connection, packet }, known, say) => {
    if (packet.type !== PacketType.NewLeader && packet.type !== PacketType.UpToDate) return;
    const talk = known.talks.get(connection);
    const term = talk === undefined ? undefined : known.termOf(talk.epoch, talk.leader);
    if (talk === undefined || term === undefined) return;
    if (packet.type === PacketType.NewLeader) judgeDeclaration(term, known, say);
    else if (!term.isEstablished && known.server(term.leader).stand.role !== 'leading') {
      // It has served for no longer than a turn: the members that it brought to rule do without it.
      judgeReign(term, known, say);
    } else if (!term.isEstablished) {
      say('S-01', `server ${term.leader} calls ${talk.learner} up to date before it serves`);
    }
  },
  stands: ({ server, stand }, known, say) => {
    if (stand.role !== 'leading') return;
    if (known.server(server).isForgetful) {
      say('S-38', `server ${server} leads, though it has forgotten what it promised`);
    }
    if (!stand.isServing) return;
    const term = known.termOf(stand.epoch, server);
    if (term === undefined) say('S-01', `server ${server} serves in an epoch it never named`);
    else if (!term.isEstablished) judgeReign(term, known, say);
  },
  voted: ({ server, vote }, known, say) => {
    if (!known.server(server).isForgetful || vote.leader !== server) return;
    if (!vote.isLooking || vote.zxid < 0n) return;
    say('S-38', `server ${server} votes for itself, though it has forgotten what it promised`);
  },
};

function judgeDeclaration(term: Term, known: Known, say: Say): void {
  if (term.isDeclared) return;
  judgeRivals(term, known, say);
  const { leader, epoch, formerEpoch, historyEnd } = term;
  const those = new Set([leader]);
  const forgetful = new Set<number>();
  for (const [id, { zxid, currentEpoch, isHollow }] of term.promises) {
    const end = known.chain.entryOf(zxid)?.zxid ?? zxid;
    const isAhead =
      currentEpoch > formerEpoch || (currentEpoch === formerEpoch && end > historyEnd.zxid);
    if (isAhead) continue;
    if (isHollow) forgetful.add(id);
    else those.add(id);
  }
  // Of a change that is not known to be agreed on it need not know either.
  const ruling = known.server(leader).ruling ?? rulingAt(historyEnd, known.agreed).at(-1)!;
  if (isQuorum(ruling, those)) return;
  if (isQuorum(ruling, new Set([...those, ...forgetful]))) {
    say('S-38', `server ${leader} counts in epoch ${epoch} on ${[...forgetful]}, who forgot`);
  } else {
    say('S-01', `server ${leader} declares itself in epoch ${epoch} by ${[...those]} alone`);
  }
}

export function judgeReign(term: Term, known: Known, say: Say): void {
  judgeRivals(term, known, say);
  const { leader, epoch, historyEnd } = term;
  const sworn = known.holders(term, historyEnd);
  for (const ensemble of rulingAt(historyEnd, known.agreed)) {
    if (isQuorum(ensemble, sworn)) continue;
    say(
      'S-01',
      `server ${leader} serves in epoch ${epoch}, to which only ${[...sworn]} have sworn`,
    );
  }
  // One that was held up may begin to serve when others have gone on; it can decide nothing more.
  let before: Entry = known.agreed;
  while (before.epoch >= epoch && before.parent !== null) before = before.parent;
  if (!isWithin(before, historyEnd)) {
    const [has, lacks] = [named(historyEnd.zxid), named(before.zxid)];
    say('S-10', `server ${leader} serves in epoch ${epoch} with ${has}, and lacks ${lacks}`);
  }
  if (known.server(leader).told !== historyEnd) {
    say('S-10', `server ${leader} has another history at the end of its election than before`);
  }
}

function judgeRivals({ epoch, leader }: Term, known: Known, say: Say): void {
  for (const other of known.terms) {
    if (other.epoch !== epoch || other.leader === leader) continue;
    if (!other.isDeclared && !other.isEstablished) continue;
    say('S-01', `server ${leader} leads in epoch ${epoch}, as server ${other.leader} has done`);
  }
}
