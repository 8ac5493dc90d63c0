/** Bugs in what requests do to the tree, its sessions and its watches. */
import type { Mutant } from '../mutant.ts';

const SESSION = 'packages/tree/src/operations/session.ts';
const CREATE = 'packages/tree/src/operations/create.ts';
const DELETE = 'packages/tree/src/operations/delete.ts';
const SET_WATCHES = 'packages/tree/src/operations/set-watches.ts';
const MULTI = 'packages/tree/src/operations/multi.ts';
const WATCHES = 'packages/tree/src/watches/watch-table.ts';
const WRITER = 'packages/tree/src/snapshot/snapshot-writer.ts';

export const dataMutants: readonly Mutant[] = [
  {
    id: 'keep-the-ephemerals-of-a-session',
    brings: ['B-38'],
    does: 'leaves ephemerals behind when their session ends',
    worlds: ['ensemble', 'alone'],
    edits: [
      {
        file: SESSION,
        find: 'deleteNode(a, reader.bytes, reader.view, start, start + reader.spanLength);\n  }\n  removeEphemerals(a);',
        put: 'if (i > 0) deleteNode(a, reader.bytes, reader.view, start, start + reader.spanLength);\n  }',
      },
    ],
  },
  {
    id: 'list-ephemerals-without-end',
    brings: ['B-41'],
    does: 'lists the ephemerals of a session in a record that nobody can read',
    worlds: [],
    edits: [
      {
        file: SESSION,
        find: 'if (!p.settings.closeSessionPaths || isTooLong(p, countAt)) out.position = countAt;',
        put: 'if (!p.settings.closeSessionPaths || (isTooLong(p, countAt) && countAt < 0)) out.position = countAt;',
      },
    ],
  },
  {
    id: 'let-lists-stand-for-more-than-fits',
    brings: ['B-42'],
    does: 'logs a list of rights, or a multi of them, that is too long to be read again',
    worlds: [],
    edits: [
      {
        file: 'packages/tree/src/preparation.ts',
        find: 'encoded.length > this.settings.txnBytesMax / 2',
        put: 'encoded.length < 0',
      },
      { file: MULTI, find: 'const GROWTH_MAX = 1.5;', put: 'const GROWTH_MAX = 1e9;' },
    ],
  },
  {
    id: 'change-members-while-they-change',
    brings: ['B-62'],
    does: 'takes a change of members while another is on its way',
    worlds: [],
    edits: [
      {
        file: 'packages/tree/src/operations/reconfig.ts',
        find: 'if (members.isChanging) return ErrorCode.ReconfigInProgress;',
        put: '',
      },
    ],
  },
  {
    id: 'forget-a-watch-on-children',
    brings: [],
    does: 'does not tell those who watch a list of children of a node that is gone from it',
    worlds: ['alone', 'ensemble'],
    edits: [
      {
        file: DELETE,
        find: 'a.watches.fireChildren(a.aclOf(parent), bytes, view, start, parentEnd);',
        put: '',
      },
    ],
  },
  {
    id: 'tell-watches-twice',
    brings: [],
    does: 'keeps a watch that is spent',
    worlds: ['alone', 'ensemble'],
    edits: [
      {
        file: WATCHES,
        find: 'if ((own & oneShotKinds) !== 0) this.#reduce(row, watcher, own, own & ~oneShotKinds);',
        put: '',
      },
    ],
  },
  {
    id: 'forget-what-was-missed',
    brings: ['B-72'],
    does: 'does not tell a client that comes back what has changed meanwhile',
    worlds: ['ensemble', 'alone'],
    edits: [
      {
        file: SET_WATCHES,
        find: 'return isNewer(r, row, Field.Mzxid, zxidHigh, zxidLow) ? EventType.DataChanged : EventType.None;',
        put: 'return isNewer(r, row, Field.Czxid, zxidHigh, zxidLow) ? EventType.DataChanged : EventType.None;',
      },
    ],
  },
  {
    id: 'count-sequences-by-children',
    brings: [],
    does: 'numbers sequential nodes by how many children there are',
    worlds: ['alone', 'ensemble'],
    edits: [
      {
        file: CREATE,
        find: 'writeSequence(out, cversion);',
        put: 'writeSequence(out, parent.field(Field.NumChildren));',
      },
    ],
  },
  {
    id: 'apply-half-a-multi',
    brings: [],
    does: 'does those parts of a multi that come before the one that fails',
    worlds: ['alone', 'ensemble'],
    edits: [
      {
        file: MULTI,
        find: 'if (firstError(a, count) !== ErrorCode.Ok) {',
        put: 'if (firstError(a, Math.min(count, 1)) !== ErrorCode.Ok) {',
      },
    ],
  },
  {
    id: 'write-a-snapshot-of-many-moments',
    brings: ['B-31', 'B-35'],
    does: 'writes what a node has become into a snapshot of before',
    worlds: ['cuts', 'ensemble'],
    edits: [
      {
        file: WRITER,
        find: 'beforeChange(row: number): void {\n    this.#visit(row);',
        put: 'beforeChange(row: number): void {\n    void row;',
      },
    ],
  },
];
