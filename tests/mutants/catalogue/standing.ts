/** Bugs in what outlasts the roles of a server: its log, its epochs, its configurations. */
import type { Mutant } from '../mutant.ts';

const HISTORY = 'packages/zab/src/history.ts';
const EPOCHS = 'packages/zab/src/epochs.ts';
const LOOKING = 'packages/zab/src/looking.ts';
const CONFIGURATIONS = 'packages/zab/src/configurations.ts';

export const standingMutants: readonly Mutant[] = [
  {
    id: 'vote-with-a-snapshot-that-is-in-memory-only',
    brings: [],
    does: 'votes with a snapshot, or with a cut, that its disk has not got yet',
    worlds: ['peers'],
    edits: [{ file: HISTORY, find: 'this.#isChanging = true;', put: 'this.#isChanging = false;' }],
  },
  {
    id: 'elect-while-the-disk-is-at-work',
    brings: ['B-09'],
    does: 'looks for a leader while the disk is still doing what the last role told it',
    worlds: ['peers'],
    edits: [
      {
        file: LOOKING,
        find: 'if (!isSettled || nowMs < this.#restsUntilMs) return;',
        put: 'if ((!isSettled && nowMs < 0) || nowMs < this.#restsUntilMs) return;',
      },
    ],
  },
  {
    id: 'count-epochs-before-they-are-synced',
    brings: [],
    does: 'goes by an epoch that its disk has not got yet',
    worlds: ['peers'],
    edits: [
      {
        file: EPOCHS,
        find: 'this.#asked.push(epoch);',
        put: 'this.#asked.push(epoch); this[name] = epoch;',
      },
    ],
  },
  {
    id: 'forget-the-old-quorum-while-members-change',
    brings: [],
    does: 'asks the next configuration alone while members change',
    worlds: ['peers'],
    edits: [
      {
        file: CONFIGURATIONS,
        find: 'this.joint = jointQuorumOf(this.committed, this.next);',
        put: 'this.joint = quorumOf(this.next ?? this.committed);',
      },
    ],
  },
  {
    id: 'forget-the-new-quorum-while-members-change',
    brings: ['B-56'],
    does: 'asks the ruling configuration alone while members change',
    worlds: ['peers'],
    edits: [
      {
        file: CONFIGURATIONS,
        find: 'this.joint = jointQuorumOf(this.committed, this.next);',
        put: 'this.joint = quorumOf(this.committed);',
      },
    ],
  },
];
