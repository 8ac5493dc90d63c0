/** Bugs of a server in what it logs, applies and keeps on its disk. */
import type { Mutant } from '../mutant.ts';

const PIPELINE = 'packages/replica/src/pipeline.ts';
const JOURNAL = 'packages/replica/src/ensemble/member-journal.ts';
const MEMBER = 'packages/replica/src/ensemble/member.ts';
const REPLICA = 'packages/replica/src/replica.ts';
const SNAPSHOTS = 'packages/replica/src/snapshots.ts';
const RECOVERY = 'packages/replica/src/recovery.ts';
const LEADER = 'packages/replica/src/parts/leader.ts';

export const keepingMutants: readonly Mutant[] = [
  {
    id: 'apply-what-is-only-logged',
    brings: [],
    does: 'applies what its leader proposes before anybody has agreed',
    worlds: ['ensemble'],
    edits: [
      {
        file: PIPELINE,
        find: 'this.added(null, zxidHigh, zxidLow);',
        put: 'this.added(null, zxidHigh, zxidLow); this.commit(zxidHigh, zxidLow);',
      },
    ],
  },
  {
    id: 'store-the-epoch-ahead-of-the-log',
    brings: ['B-02'],
    does: 'lets an epoch overtake the records that the log has still to write',
    worlds: ['ensemble'],
    edits: [
      {
        file: PIPELINE,
        find: 'if (this.gathering.count > 0) this.#duties.push(this.#close());\n    this.#duties.push(duty);',
        put: "if (this.gathering.count > 0) this.#duties.push(this.#close());\n    'order' in duty && duty.order.kind === 'storeEpoch' ? this.#duties.unshift(duty) : this.#duties.push(duty);",
      },
    ],
  },
  {
    id: 'keep-in-memory-what-was-cut-off',
    brings: ['B-12'],
    does: 'keeps in its tree what it was told to cut off',
    worlds: ['ensemble'],
    edits: [
      {
        file: JOURNAL,
        find: 'this.#isRebuilding = true;\n    this.#rebuildZxid = zxid;\n    this.#pipeline.startOver(highOf(zxid), lowOf(zxid));',
        put: 'this.#rebuildZxid = zxid;\n    this.#pipeline.startOver(highOf(zxid), lowOf(zxid));\n    if (zxid >= 0n) return;',
      },
    ],
  },
  {
    id: 'take-a-snapshot-into-memory-alone',
    brings: ['B-10'],
    does: 'takes over a snapshot that it is sent without writing it to its disk',
    worlds: ['ensemble'],
    edits: [
      {
        file: JOURNAL,
        find: 'this.#installing = { ticket: this.#state.nextTicket(), snapshotZxid: lastZxid };\n    this.#pipeline.order(this.#installing);',
        put: '',
      },
    ],
  },
  {
    id: 'go-on-with-a-failed-disk',
    brings: ['B-13'],
    does: 'goes on when its disk has failed, as if it had done what it was told',
    worlds: ['ensemble', 'alone'],
    edits: [
      {
        file: REPLICA,
        find: 'diskFailed(what: string): void {\n    this.end(what);',
        put: 'diskFailed(what: string): void {\n    if (what === null) this.end(what);',
      },
    ],
  },
  {
    id: 'serve-before-all-is-applied',
    brings: [],
    does: 'serves clients before all that is committed is in its tree',
    worlds: ['ensemble'],
    edits: [
      {
        file: MEMBER,
        find: 'if (this.#pipeline.hasWork) return;',
        put: '',
      },
    ],
  },
  {
    id: 'lead-before-all-is-applied',
    brings: [],
    does: 'leads before all that it has logged is in its tree',
    worlds: ['ensemble'],
    edits: [
      {
        file: MEMBER,
        find: 'if (this.#isPreparing && this.#pipeline.isIdle) {',
        put: 'if (this.#isPreparing) {',
      },
    ],
  },
  {
    id: 'keep-the-future-of-the-last-term',
    brings: [],
    does: 'checks writes against what it had prepared in an earlier term',
    worlds: ['ensemble'],
    edits: [{ file: LEADER, find: 'this.#proposals.abandon();', put: '' }],
  },
  {
    id: 'write-a-snapshot-ahead-of-the-log',
    brings: [],
    does: 'finishes a snapshot that holds what its log has not got yet',
    worlds: ['ensemble', 'alone'],
    edits: [
      {
        file: SNAPSHOTS,
        find: 'if (!writer.isDone || !this.#pipeline.isDurable(writer.zxidHigh, writer.zxidLow)) return;',
        put: 'if (!writer.isDone) return;',
      },
    ],
  },
  {
    id: 'snapshot-what-may-be-taken-back',
    brings: ['B-28'],
    does: 'takes a snapshot while it gets in step',
    worlds: [],
    edits: [
      {
        file: REPLICA,
        find: "if (mode === 'none' || mode === 'read-only') return false;",
        put: '',
      },
    ],
  },
  {
    id: 'snapshot-at-each-change-of-leaders',
    brings: ['B-27'],
    does: 'writes a whole snapshot whenever it has found a leader',
    worlds: [],
    edits: [
      {
        file: MEMBER,
        find: 'this.servingSinceMs = this.#state.nowMs;',
        put: 'this.servingSinceMs = this.#state.nowMs; this.#household.snapshots.want();',
      },
    ],
  },
  {
    id: 'answer-before-the-disk',
    brings: [],
    does: 'applies and answers a write before its log bytes are safe',
    worlds: ['alone', 'cuts'],
    edits: [
      {
        file: PIPELINE,
        find: 'this.#unapplied += 1;\n  }\n\n  /** A record of a leader',
        put: 'this.#unapplied += 1;\n    if (this.keeper === null) this.commit(zxidHigh, zxidLow);\n  }\n\n  /** A record of a leader',
      },
    ],
  },
  {
    id: 'keep-ephemerals-of-nobody',
    brings: ['B-32'],
    does: 'keeps ephemerals at a start whose session is not there',
    worlds: [],
    edits: [
      {
        file: RECOVERY,
        find: 'for (const { high, low } of orphanOwners(tree, sessions)) {',
        put: 'for (const { high, low } of orphanOwners(tree, sessions).slice(0, 0)) {',
      },
    ],
  },
];
