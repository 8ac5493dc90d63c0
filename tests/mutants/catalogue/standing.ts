/** Bugs in what outlasts the roles of a server: its log, its epochs, its configurations. */
import type { Mutant } from '../mutant.ts';

const LOOKING = 'packages/zab/src/looking.ts';
const CONFIGURATIONS = 'packages/zab/src/configurations.ts';

export const standingMutants: readonly Mutant[] = [
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
