/**
 * S-15: behind one record the tree is the same on all servers, however each has come there. Who has
 * started from a log with a hole in it may have any, until somebody is served from it.
 */
import { named } from './chain.ts';
import type { Rule } from './rule.ts';

export const sameState: Rule = {
  applied: ({ server, zxid, digest }, known, say) => {
    const entry = known.chain.entryOf(zxid);
    if (entry === undefined || entry.digest === null || entry.digest === digest) return;
    const { disk, stand } = known.server(server);
    if (disk.problem !== null && !stand.isServing) return;
    say('S-15', `the tree of server ${server} as of ${named(zxid)} is not that of the others`);
  },
};
