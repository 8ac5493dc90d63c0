/**
 * S-12, S-13 and S-35: a record is committed by the leader of an established term, in order, when a
 * quorum has sworn to the term and has the record on its disks; while members change, a quorum of
 * either configuration. Nobody counts who is not in it, the leader's own disk like any other.
 */
import { type Ensemble, PacketType } from '@zabra/wire';
import { type Entry, isWithin, named } from './chain.ts';
import type { Known, Term } from './known.ts';
import { judgeReign } from './leadership.ts';
import { changesUpTo, isQuorum, rulingAt } from './quorums.ts';
import type { Rule, Say } from './rule.ts';

const COMMITS: readonly number[] = [PacketType.Commit, PacketType.CommitAndActivate];
const INFORMS: readonly number[] = [PacketType.Inform, PacketType.InformAndActivate];

export const commitRule: Rule = {
  sent: ({ connection, isLeaders, packet }, known, say) => {
    const isCommit = COMMITS.includes(packet.type);
    if (!isLeaders || (!isCommit && !INFORMS.includes(packet.type))) return;
    const talk = known.talks.get(connection);
    const term = talk === undefined ? undefined : known.termOf(talk.epoch, talk.leader);
    const entry = known.chain.entryOf(packet.zxid);
    if (talk === undefined || term === undefined || entry === undefined) {
      say('S-12', `${named(packet.zxid)} is committed, which nobody has proposed`);
      return;
    }
    const { leader, learner } = talk;
    if (isCommit && (talk.sent === null || !isWithin(entry, talk.sent))) {
      const name = named(packet.zxid);
      say('S-12', `server ${leader} commits ${name} to ${learner}, which it was not sent`);
    }
    if (talk.committed !== null && !isWithin(talk.committed, entry)) {
      const name = named(packet.zxid);
      say('S-12', `server ${leader} commits ${name} to ${learner} out of order`);
    }
    judgeDecision(term, entry, known, say);
  },
  configured: ({ server, ensemble }, known, say) => {
    if (ensemble === null || known.hasRuled(ensemble)) return;
    const term = known.lastTermOf(server);
    if (term === undefined || !(term.isDeclared || term.isEstablished)) {
      const name = named(ensemble.version);
      say('S-35', `server ${server} goes by the members of ${name}, on which nobody has decided`);
      return;
    }
    if (!term.isEstablished) judgeReign(term, known, say);
    const entry = known.chain.entryOf(ensemble.version);
    if (known.isUpheld(ensemble, term)) judgeUpheld(term, ensemble, known, say);
    else if (!isWithin(entry!, term.historyEnd)) judgeDecision(term, entry!, known, say);
  },
  applied: ({ server, zxid }, known, say) => {
    const term = known.reignOf(server);
    const entry = known.chain.entryOf(zxid);
    if (term === undefined || entry === undefined || !known.server(server).stand.isServing) return;
    judgeDecision(term, entry, known, say);
  },
};

function judgeDecision(term: Term, entry: Entry, known: Known, say: Say): void {
  if (isWithin(entry, term.committed) || isWithin(entry, known.agreed)) return;
  const { leader } = term;
  if (!term.isEstablished) {
    say('S-12', `server ${leader} commits ${named(entry.zxid)} before it serves`);
  }
  if (!isWithin(term.committed, entry)) {
    say('S-12', `server ${leader} commits ${named(entry.zxid)} out of order`);
  }
  // What is seen at once may have been decided one by one: behind a change the new members do alone.
  let { agreed } = known;
  for (const change of [...changesUpTo(entry, agreed), entry]) {
    judgeQuorums(term, change, agreed, known, say);
    agreed = change;
  }
}

/** Its record is in no history that lives on; who was told of it at the beginning has it from there. */
function judgeUpheld(term: Term, ensemble: Ensemble, known: Known, say: Say): void {
  const those = known.holders(term, term.historyEnd);
  if (isQuorum(ensemble, those)) return;
  const name = named(ensemble.version);
  say(
    'S-35',
    `server ${term.leader} brings ${name} to rule, to which only ${[...those]} have sworn`,
  );
}

function judgeQuorums(term: Term, entry: Entry, agreed: Entry, known: Known, say: Say): void {
  const those = known.holders(term, entry);
  for (const ensemble of rulingAt(entry, agreed)) {
    if (isQuorum(ensemble, those)) continue;
    const voters = ensemble.members.filter(({ role }) => role === 'participant').length;
    // Enough are there, but they are not those who have a vote.
    const id = 2 * those.size > voters ? 'S-35' : 'S-12';
    say(id, `server ${term.leader} commits ${named(entry.zxid)}, which only ${[...those]} have`);
  }
}
