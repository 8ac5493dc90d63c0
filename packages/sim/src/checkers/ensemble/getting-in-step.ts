/**
 * I16 and rule 12.3: how learners get in step. What a learner keeps is part of its leader's history;
 * no snapshot takes it back to before what it has; and called up to date, it has nothing else than it
 * was sent.
 */
import { PacketType } from '@zabra/wire';
import { type Entry, isWithin, named } from './chain.ts';
import type { Known, Talk } from './known.ts';
import type { Rule } from './rule.ts';

export const gettingInStep: Rule = {
  sent: ({ connection, packet }, known, say) => {
    const talk = known.talks.get(connection);
    if (talk === undefined) return;
    const { leader, learner, claimed } = talk;
    if (packet.type === PacketType.Diff) {
      const entry = known.chain.entryOf(claimed ?? 0n);
      if (entry !== undefined && isWithin(entry, wholeOf(talk, known))) return;
      say('I16', `server ${leader} lets ${learner} keep ${named(claimed ?? 0n)}, which it lacks`);
    } else if (packet.type === PacketType.Trunc) {
      const entry = known.chain.entryOf(packet.zxid);
      if (entry !== undefined && isWithin(entry, wholeOf(talk, known))) return;
      const name = named(packet.zxid);
      say('I16', `server ${leader} has ${learner} cut its log to ${name}, which it lacks`);
    } else if (packet.type === PacketType.Snap && packet.zxid <= (claimed ?? 0n)) {
      const name = named(packet.zxid);
      say('12.3', `server ${leader} sends a snapshot of ${name} to ${learner}, which has more`);
    }
  },
  received: ({ connection, isLeaders, packet }, known, say) => {
    if (!isLeaders || packet.type !== PacketType.UpToDate) return;
    const talk = known.talks.get(connection);
    if (talk === undefined) return;
    const { told } = known.server(talk.learner);
    if (talk.sent !== null && isWithin(told, talk.sent)) return;
    say(
      'I16',
      `server ${talk.learner} is up to date with ${named(told.zxid)}, which it was not sent`,
    );
  },
};

/** A leader's history; its own disk may not have been told yet of what it has proposed. */
function wholeOf({ epoch, leader }: Talk, known: Known): Entry {
  return known.termOf(epoch, leader)?.proposed ?? known.server(leader).told;
}
