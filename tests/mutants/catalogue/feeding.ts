/** Bugs of a leader in how it brings a learner in step. */
import type { Mutant } from '../mutant.ts';

const FEED = 'packages/zab/src/leading/feed.ts';
const WAY = 'packages/zab/src/leading/way-to-sync.ts';

export const feedingMutants: readonly Mutant[] = [
  {
    id: 'skip-the-cut-of-what-is-on-its-way',
    brings: [],
    does: 'sends the rest to a learner that has proposals nobody has agreed on',
    worlds: ['peers'],
    edits: [
      {
        file: WAY,
        find: "return { kind: 'trunc', to: term.committed };",
        put: "return { kind: 'diff', from: zxid };",
      },
    ],
  },
  {
    id: 'skip-the-cut-of-a-dead-branch',
    brings: ['B-16'],
    does: 'sends the rest to a learner whose log goes on where the own one does not',
    worlds: ['peers'],
    edits: [
      {
        file: WAY,
        find: 'if (before === null) return wayBySnapshot(term, zxid);',
        put: "return before === null ? wayBySnapshot(term, zxid) : { kind: 'diff', from: before };",
      },
    ],
  },
  {
    id: 'take-the-recent-for-everything',
    brings: ['B-19'],
    does: 'sends a server that has nothing only what is recent',
    worlds: ['peers'],
    edits: [
      {
        file: WAY,
        find: 'return wayBySnapshot(term, zxid);\n  // What it lacks',
        put: "return { kind: 'diff', from: historyEnd };\n  // What it lacks",
      },
    ],
  },
  {
    id: 'send-what-is-not-committed-as-committed',
    brings: [],
    does: 'sends records of its log as committed that nobody has agreed on',
    worlds: ['peers'],
    edits: [
      {
        file: FEED,
        find: 'if (high === epoch && low >>> 0 > broadcast.committed) return false;',
        put: 'if (high === epoch && low >>> 0 > broadcast.proposed) return false;',
      },
    ],
  },
  {
    id: 'leave-a-hole-before-what-is-recent',
    brings: ['B-08'],
    does: 'takes for recent what it has let go of, and sends a history with a hole',
    worlds: ['peers'],
    edits: [
      {
        file: FEED,
        find: 'return counter !== null && counter + 1 >= this.#term.broadcast.recent.first;',
        put: 'return counter !== null;',
      },
      {
        file: FEED,
        find: 'if (counter + 1 < broadcast.recent.first) {\n        this.#follow();\n        return;\n      }',
        put: 'counter = Math.max(counter, broadcast.recent.first - 1);',
      },
    ],
  },
  {
    id: 'declare-itself-before-the-snapshot-is-sent',
    brings: ['B-14'],
    does: 'declares itself leader when the first piece of a snapshot has been sent',
    worlds: ['peers'],
    edits: [
      {
        file: FEED,
        find: 'if (isEnd) this.#follow();',
        put: 'this.#follow();',
      },
    ],
  },
  {
    id: 'leave-out-what-is-on-its-way',
    brings: [],
    does: 'does not send a learner what is proposed and not committed when it comes in',
    worlds: ['peers'],
    edits: [
      {
        file: FEED,
        find: 'n <= broadcast.proposed; n += 1) broadcast.copyProposal(n, out);',
        put: 'n <= 0 * broadcast.proposed; n += 1) broadcast.copyProposal(n, out);',
      },
    ],
  },
  {
    id: 'call-a-snapshot-by-what-it-lacks',
    brings: [],
    does: 'sends a snapshot that is older than what the learner has',
    worlds: ['peers'],
    edits: [
      {
        file: WAY,
        find: 'atLeast: isOfTerm || next < historyEnd ? next : historyEnd',
        put: 'atLeast: isOfTerm || next < historyEnd ? (0n as Zxid) : (0n as Zxid)',
      },
      { file: FEED, find: 'if (name <= this.#zxid) {', put: 'if (name < 0n) {' },
    ],
  },
];
