/**
 * S-04 and S-06 to S-09: what servers deliver, that is, serve from. All of them deliver first parts of
 * one history, in its order, and only what is agreed.
 */
import { type Entry, isWithin, named } from './chain.ts';
import type { Known } from './known.ts';
import type { Rule } from './rule.ts';

export const delivery: Rule = {
  applied: ({ server, zxid }, known, say) => {
    const view = known.server(server);
    if (!view.stand.isServing) return;
    const entry = known.chain.entryOf(zxid);
    if (entry === undefined) {
      say('S-05', `server ${server} delivers ${named(zxid)}, which nobody has proposed`);
      return;
    }
    const { delivered } = view;
    if (delivered !== null && !isWithin(delivered, entry)) {
      const broken = orderBroken(delivered, entry);
      say(broken, `server ${server} delivers ${named(zxid)} and goes back for it`);
    }
    const isDecided = known.reignOf(server) !== undefined && isWithin(known.agreed, entry);
    if (isDecided || isWithin(entry, known.agreed)) return;
    const [name, other] = [named(zxid), named(known.agreed.zxid)];
    say(agreementBroken(entry, known), `server ${server} delivers ${name}, others ${other}`);
  },
};

/** By one server: something of an earlier epoch, or of one primary, comes too late or never. */
function orderBroken(delivered: Entry, entry: Entry): string {
  if (entry.epoch < delivered.epoch) return 'S-09';
  return entry.epoch === delivered.epoch ? 'S-08' : 'S-07';
}

function agreementBroken(entry: Entry, { agreed }: Known): string {
  return isWithin(agreed, entry) ? 'S-06' : 'S-04';
}
