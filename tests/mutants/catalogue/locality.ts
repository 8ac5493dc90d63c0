/** Bugs around sessions of one server, and members that serve those who only read. */
import type { Mutant } from '../mutant.ts';

const REPLICA = 'packages/replica/src';

export const localityMutants: readonly Mutant[] = [
  {
    id: 'keep-a-session-local-as-well',
    brings: ['B-39'],
    does: 'takes a session for local again that has become one of the ensemble',
    worlds: [],
    edits: [
      {
        file: `${REPLICA}/local-sessions.ts`,
        find: 'if (!isArrived && !session.closing) this.open(session);',
        put: 'if ((!isArrived || isArrived) && !session.closing) this.open(session);',
      },
    ],
  },
  {
    id: 'forget-a-session-on-its-way-to-the-ensemble',
    brings: ['B-39'],
    does: 'does not know a session that is becoming one of the ensemble',
    worlds: [],
    edits: [
      {
        file: `${REPLICA}/local-sessions.ts`,
        find: 'ensemble.expect(session);',
        put: 'void ensemble;',
      },
    ],
  },
  {
    id: 'close-a-session-here-that-is-on-its-way-there',
    brings: ['B-40'],
    does: 'ends a session by itself that is becoming one of the ensemble',
    worlds: [],
    edits: [
      {
        file: `${REPLICA}/local-sessions.ts`,
        find: 'session.isLocal = false;',
        put: 'session.isLocal = true;',
      },
    ],
  },
  {
    id: 'look-for-ephemerals-in-single-creates-alone',
    brings: ['B-76'],
    does: 'leaves a session local that makes an ephemeral inside a multi',
    worlds: [],
    edits: [
      {
        file: `${REPLICA}/requests.ts`,
        find: 'session.isLocal &&\n      this.#wish.isIn',
        put: 'session.isLocal &&\n      opcode !== Opcode.Multi &&\n      this.#wish.isIn',
      },
    ],
  },
  {
    id: 'let-a-tree-be-read-that-is-not-whole',
    brings: ['B-89'],
    does: 'lets clients read from a server that has no history, or half of one',
    worlds: [],
    edits: [
      {
        file: `${REPLICA}/ensemble/member.ts`,
        find: 'if (!settings.readOnlyMode || !this.#isWhole) return;',
        put: 'if (!settings.readOnlyMode) return;',
      },
    ],
  },
  {
    id: 'take-who-only-read-for-complete',
    brings: ['B-18'],
    does: 'sends nothing of what a server lacks that has followed it before',
    worlds: ['peers'],
    edits: [
      {
        file: 'packages/zab/src/leading/way-to-sync.ts',
        find: "if (counter !== null && counter + 1 >= broadcast.recent.first)\n    return { kind: 'diff', from: zxid };",
        put: "if (counter !== null) return { kind: 'diff', from: term.committed };",
      },
    ],
  },
  {
    id: 'stay-where-only-reading-will-do',
    brings: ['B-90'],
    does: 'looks for no server that writes while it is on one that only reads',
    worlds: [],
    edits: [
      {
        file: 'packages/client/src/session/session.ts',
        find: 'if (isReadOnly) this.#search = new ReadWriteSearch(this.#nowMs);',
        put: '',
      },
    ],
  },
  {
    id: 'hold-writes-up-while-a-snapshot-is-written',
    brings: ['B-47'],
    does: 'writes nothing to its log while a snapshot is on its way to the disk',
    worlds: [],
    edits: [
      {
        file: `${REPLICA}/snapshots.ts`,
        find: "state.disk.push({ kind: 'snapshotBegin', zxid: this.#zxid });",
        put: "state.disk.push({ kind: 'snapshotBegin', zxid: this.#zxid });\n    this.#pipeline.isHeld = true;",
      },
    ],
  },
];
