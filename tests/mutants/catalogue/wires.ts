/** Bugs on the wires between servers. */
import type { Mutant } from '../mutant.ts';

const LINKS = 'packages/zab/src/election/links.ts';

export const wireMutants: readonly Mutant[] = [
  {
    id: 'keep-listening-to-votes-of-no-length',
    brings: ['B-52'],
    does: 'goes on with a link on which a vote of an impossible length has come, deaf to all that follows',
    worlds: [],
    edits: [
      {
        file: LINKS,
        find: "} else if (next.kind === 'bad-length') {",
        put: "} else if (next.kind === 'bad-length') {\n        if (link.owesGreeting === null) continue;\n        return;",
      },
    ],
  },
  {
    id: 'call-again-while-a-call-is-under-way',
    brings: ['B-54'],
    does: 'calls a server again for each vote, though it is being called',
    worlds: [],
    edits: [
      {
        file: LINKS,
        find: 'if (addresses.length === 0 || this.#dialling.has(to)) return;',
        put: 'if (addresses.length === 0) return;',
      },
    ],
  },
  {
    id: 'leave-connections-of-calls-given-up',
    brings: ['B-61'],
    does: 'leaves a connection open when the call is given up',
    worlds: [],
    edits: [
      {
        file: 'packages/server/src/peers/dialer.ts',
        find: 'for (const socket of this.#sockets) socket.destroy();\n    this.#sockets.clear();',
        put: 'this.#sockets.clear();',
      },
    ],
  },
  {
    id: 'use-counters-beyond-the-last',
    brings: ['B-60'],
    does: 'goes on proposing when the counters of its term are used up',
    worlds: [],
    edits: [
      {
        file: 'packages/zab/src/leading/serving.ts',
        find: 'return broadcast.proposed >= standing.settings.proposalsMax;',
        put: 'return broadcast.proposed > standing.settings.proposalsMax + 1e9;',
      },
    ],
  },
];
