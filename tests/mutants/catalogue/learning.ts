/** Bugs of a server that follows or watches a leader. */
import type { Mutant } from '../mutant.ts';

const LEARNING = 'packages/zab/src/learning.ts';
const INTAKE = 'packages/zab/src/learning/intake.ts';
const FOLLOWING = 'packages/zab/src/following.ts';

export const learningMutants: readonly Mutant[] = [
  {
    id: 'swear-before-the-history-is-synced',
    brings: ['B-01'],
    does: 'swears to its leader before what it was sent is on its disk',
    worlds: ['peers'],
    edits: [
      {
        file: LEARNING,
        find: "this.#stage = 'adopting';",
        put: "this.#stage = 'sworn'; this.#acknowledgeEpoch();",
      },
    ],
  },
  {
    id: 'store-the-epoch-before-the-history',
    brings: ['B-03'],
    does: 'stores the current epoch before the history that it stands for',
    worlds: ['peers'],
    edits: [
      {
        file: LEARNING,
        find: 'this.#intake = new Intake(this.#standing, this.#mastering);',
        put: "this.#intake = new Intake(this.#standing, this.#mastering); this.#standing.epochs.store('current', this.#epoch);",
      },
    ],
  },
  {
    id: 'promise-before-it-is-synced',
    brings: [],
    does: 'answers a new epoch before its own disk has it',
    worlds: ['peers'],
    edits: [
      {
        file: LEARNING,
        find: "this.#stage = 'promising';\n      epochs.store('accepted', epoch);",
        put: "epochs.store('accepted', epoch);\n      this.#promise(epochs.current);",
      },
    ],
  },
  {
    id: 'trip-over-a-commit-while-getting-in-step',
    brings: ['B-05'],
    does: 'gives its leader up when something is committed before it is in step',
    worlds: ['peers'],
    edits: [
      {
        file: LEARNING,
        find: 'else if (packet.type === PacketType.UpToDate) this.#onUpToDate();',
        put: `else if (packet.type === PacketType.UpToDate) this.#onUpToDate();
    else if (packet.type === PacketType.Commit && this.#stage !== 'catchingUp')
      this.#giveUp('its leader committed what is not next');`,
      },
    ],
  },
  {
    id: 'leave-the-history-unlogged',
    brings: ['B-06'],
    does: 'counts as in step without having logged the history it was sent',
    worlds: ['peers'],
    edits: [
      { file: INTAKE, find: 'committedHigh: number;', put: 'committedHigh: number; logs = false;' },
      { file: INTAKE, find: 'journal.append(', put: 'if (this.logs) journal.append(' },
      {
        file: LEARNING,
        find: 'this.#duty.begin(this.#epoch, this.#intake);',
        put: 'this.#duty.begin(this.#epoch, this.#intake); this.#intake.logs = true;',
      },
    ],
  },
  {
    id: 'acknowledge-before-it-is-synced',
    brings: ['B-07'],
    does: 'acknowledges records that are on their way to its disk',
    worlds: ['peers'],
    edits: [
      {
        file: FOLLOWING,
        find: 'const durable = history.durableLow >>> 0;',
        put: 'const durable = history.lastLow >>> 0;',
      },
    ],
  },
  {
    id: 'take-what-leaves-a-hole',
    brings: ['B-29'],
    does: 'takes a record though the one before it is missing',
    worlds: [],
    edits: [
      {
        file: INTAKE,
        find: "if (!isSuccessor(lastHigh, lastLow, high, low)) return 'its leader left out a record';",
        put: '',
      },
    ],
  },
  {
    id: 'deliver-all-there-is-once-in-step',
    brings: [],
    does: 'takes everything for agreed that it has when it is called up to date',
    worlds: ['peers'],
    edits: [
      {
        file: LEARNING,
        find: 'this.#tellCommitted();\n    this.#duty.begin',
        put: 'service.commit(this.#standing.history.lastHigh, this.#standing.history.lastLow);\n    this.#duty.begin',
      },
    ],
  },
  {
    id: 'keep-half-a-snapshot',
    brings: ['B-11'],
    does: 'takes what has come of a snapshot for all of it when its leader is lost',
    worlds: ['peers'],
    edits: [
      {
        file: LEARNING,
        find: 'this.#standing.journal.abandonInstall();',
        put: 'this.#finishInstall();',
      },
    ],
  },
];
