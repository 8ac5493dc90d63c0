/** S-15: behind one record the tree is the same on all servers, however each has come there. */
import { named } from './chain.ts';
import type { Rule } from './rule.ts';

export const sameState: Rule = {
  applied: ({ server, zxid, digest }, known, say) => {
    const entry = known.chain.entryOf(zxid);
    if (entry === undefined || entry.digest === null || entry.digest === digest) return;
    say('S-15', `the tree of server ${server} as of ${named(zxid)} is not that of the others`);
  },
};
