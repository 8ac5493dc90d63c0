/** Bugs of the store on Node: what a start believes, what is cut and cleared away. */
import type { Mutant } from '../mutant.ts';

const STORE = 'packages/server/src/store';

export const storageMutants: readonly Mutant[] = [
  {
    id: 'go-on-after-a-cut-that-failed',
    brings: ['B-20'],
    does: 'says that a log was cut though the disk refused',
    worlds: [],
    edits: [
      {
        file: `${STORE}/log-lane.ts`,
        find: 'this.#gate.close(failureOf(this.#whatFails(order), error));\n      return this.#gate.reason;',
        put: "if (order.kind !== 'append') this.#events.onDone(order.ticket);\n      else this.#gate.close(failureOf(this.#whatFails(order), error));\n      return this.#gate.reason;",
      },
    ],
  },
  {
    id: 'keep-snapshots-that-are-not-whole',
    brings: ['B-21'],
    does: 'counts snapshots that are not whole among those to be kept',
    worlds: [],
    edits: [
      {
        file: `${STORE}/purge.ts`,
        find: 'if (!(await looksComplete(files, snapshot))) continue;',
        put: 'await looksComplete(files, snapshot);',
      },
    ],
  },
  {
    id: 'clear-away-the-log-a-snapshot-needs',
    brings: ['B-22'],
    does: 'clears away every log that begins before the oldest snapshot that is kept',
    worlds: [],
    edits: [
      {
        file: `${STORE}/purge.ts`,
        find: '(log) => log.zxid < zxid && !needed.has(log)',
        put: '(log) => log.zxid <= zxid && needed.size >= 0',
      },
    ],
  },
  {
    id: 'begin-blank-beside-logs',
    brings: ['B-23'],
    does: 'begins with an empty tree where logs are and no snapshot is',
    worlds: [],
    edits: [
      {
        file: `${STORE}/start-data.ts`,
        find: 'if (!settings.trustEmptySnapshot) throw logsAlone(data, newest);',
        put: 'if (!settings.trustEmptySnapshot) logsAlone(data, newest);',
      },
    ],
  },
  {
    id: 'trust-no-log-without-a-snapshot',
    brings: ['B-24'],
    does: 'replays no log where a missing snapshot is to be trusted to be empty',
    worlds: [],
    edits: [
      {
        file: `${STORE}/load-logs.ts`,
        find: 'for (const log of shelf.from(recovery.lastZxid)) {',
        put: 'for (const log of recovery.lastZxid === 0n ? [] : shelf.from(recovery.lastZxid)) {',
      },
    ],
  },
  {
    id: 'refuse-a-log-that-says-nothing',
    brings: ['B-25'],
    does: 'refuses to start where a crash has left a log without a record',
    worlds: [],
    edits: [
      {
        file: `${STORE}/load-logs.ts`,
        find: 'if (newest === undefined) return null;',
        put: 'if (newest === undefined || newest.bytes >= 0) return null;',
      },
    ],
  },
  {
    id: 'store-the-current-epoch-first',
    brings: ['B-26'],
    does: 'stores the current epoch ahead of the accepted one',
    worlds: [],
    edits: [
      {
        file: `${STORE}/epoch-files.ts`,
        find: "if (accepted !== storedAccepted) await this.store('accepted', accepted);\n    if (current !== storedCurrent) await this.store('current', current);",
        put: "if (current !== storedCurrent) await this.store('current', current);\n    if (accepted !== storedAccepted) await this.store('accepted', accepted);",
      },
    ],
  },
  {
    id: 'vote-with-an-empty-database',
    brings: ['B-30'],
    does: 'has a say though its database is empty and should not be',
    worlds: [],
    edits: [
      {
        file: `${STORE}/start-data.ts`,
        find: 'isLacking: !isSound || lastGap !== undefined,',
        put: 'isLacking: isSound === null || lastGap !== undefined,',
      },
    ],
  },
  {
    id: 'ask-an-operator-for-every-empty-database',
    brings: ['B-30'],
    does: 'has no say with an empty database, even where an operator has said that it may',
    worlds: [],
    edits: [
      {
        file: `${STORE}/start-data.ts`,
        find: 'return settings.trustEmptyDirectory || data.logs.files.length > 0;',
        put: 'return data.logs.files.length > 0;',
      },
    ],
  },
  {
    id: 'keep-a-snapshot-from-above-the-cut',
    brings: ['B-37'],
    does: 'leaves snapshots on the disk that hold what was cut off',
    worlds: [],
    edits: [
      {
        file: `${STORE}/cut-above.ts`,
        find: 'await removeOneByOne(files, snapshots, above.toReversed());',
        put: 'await removeOneByOne(files, snapshots, above.slice(0, 0));',
      },
    ],
  },
  {
    id: 'leave-a-snapshot-that-failed',
    brings: ['B-46'],
    does: 'leaves on the disk what it had of a snapshot that could not be written',
    worlds: [],
    edits: [
      {
        file: `${STORE}/snapshot-lane.ts`,
        find: 'await writer?.discard();',
        put: 'await writer?.path;',
      },
    ],
  },
];
