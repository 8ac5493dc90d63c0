/** Bugs in single requests, which the tests of one server find: paths, lists, watches, replay. */
import type { Mutant } from '../mutant.ts';

const TREE = 'packages/tree/src';

export const requestMutants: readonly Mutant[] = [
  {
    id: 'replay-a-close-by-its-list-alone',
    brings: ['B-33'],
    does: 'leaves ephemerals behind that a replayed close does not list',
    worlds: [],
    edits: [
      {
        file: `${TREE}/operations/session.ts`,
        find: '}\n  removeEphemerals(a);',
        put: '}\n  if (count === 0) removeEphemerals(a);',
      },
    ],
  },
  {
    id: 'leave-a-parent-behind-at-replay',
    brings: ['B-34'],
    does: 'does not move the parent of a node that is there, or gone, already',
    worlds: [],
    edits: [
      {
        file: `${TREE}/operations/create.ts`,
        find: 'replaceAcl(a, known, aclStart, aclEnd);\n    raiseParent(a, parent, parentCversion);',
        put: 'replaceAcl(a, known, aclStart, aclEnd);',
      },
      {
        file: `${TREE}/operations/delete.ts`,
        find: 'a.touchParent(parent);\n    return;',
        put: 'return;',
      },
    ],
  },
  {
    id: 'keep-lists-that-nobody-uses',
    brings: ['B-36'],
    does: 'never lets go of an access control list',
    worlds: [],
    edits: [
      {
        file: `${TREE}/acl/acl-table.ts`,
        find: 'list.references -= 1;',
        put: 'list.references -= 0;',
      },
    ],
  },
  {
    id: 'commit-when-something-else-happens',
    brings: ['B-49'],
    does: 'lets a single write wait until there is another',
    worlds: ['peers'],
    edits: [
      {
        file: 'packages/zab/src/leading/serving.ts',
        find: 'this.#ownSeat.acknowledge(durable);\n    this.#decide();',
        put: 'this.#ownSeat.acknowledge(durable);\n    if (broadcast.proposed - broadcast.committed !== 1) this.#decide();',
      },
    ],
  },
  {
    id: 'throw-at-votes-of-no-length',
    brings: ['B-52', 'B-53'],
    does: 'ends at noise on its election port',
    worlds: [],
    edits: [
      {
        file: 'packages/wire/src/quorum/notification-frames.ts',
        find: 'if (length < 1 || length > NOTIFICATION_BYTES_MAX) {',
        put: 'if (length < 1 || length > NOTIFICATION_BYTES_MAX) {\n      if (this.#chunkStart >= 0) throw new RangeError("a vote of no length");',
      },
    ],
  },
  {
    id: 'send-its-wildcard-to-others',
    brings: ['B-54'],
    does: 'calls others back at the address on which they listen on all',
    worlds: [],
    edits: [
      {
        file: 'packages/wire/src/quorum/initial-message.ts',
        find: 'return message.addresses.filter(({ host }) => !isWildcardHost(host));',
        put: 'return message.addresses.filter(({ host }) => host !== "" || !isWildcardHost(host));',
      },
    ],
  },
  {
    id: 'never-let-on-who-was-held-back',
    brings: ['B-59'],
    does: 'does not go on with a connection that was held back',
    worlds: ['alone'],
    edits: [
      {
        file: 'packages/replica/src/intake.ts',
        find: 'if (this.#mustWait(connection)) continue;\n      // What waited',
        put: 'if (this.#mustWait(connection) || connection.isPaused) continue;\n      // What waited',
      },
    ],
  },
  {
    id: 'take-the-empty-path',
    brings: ['B-63'],
    does: 'takes the empty path for that of a node',
    worlds: [],
    edits: [
      {
        file: 'packages/wire/src/path.ts',
        find: 'if (start === end) return PathProblem.Empty;',
        put: 'if (start === end) return PathProblem.Ok;',
      },
      {
        file: `${TREE}/operations/create.ts`,
        find: 'if (lastSlash(reader.bytes, pathStart, pathStart + pathLength) < 0) {',
        put: 'if (pathLength > 0 && lastSlash(reader.bytes, pathStart, pathStart + pathLength) < 0) {',
      },
    ],
  },
  {
    id: 'take-a-check-for-a-write',
    brings: ['B-64'],
    does: 'logs a check that comes alone',
    worlds: [],
    edits: [
      {
        file: `${TREE}/operations/table.ts`,
        find: '[Opcode.Multi, prepareMulti],',
        put: '[Opcode.Multi, prepareMulti],\n  [Opcode.Check, prepareMulti],',
      },
    ],
  },
  {
    id: 'take-any-time-to-live',
    brings: ['B-65'],
    does: 'takes a time to live that is negative or endless',
    worlds: [],
    edits: [
      {
        file: `${TREE}/operations/create.ts`,
        find: 'return high >= 0 && high <= TTL_HIGH_MAX && (high > 0 || low !== 0);',
        put: 'return high <= 1e9 * TTL_HIGH_MAX && low <= 2 ** 31;',
      },
    ],
  },
  {
    id: 'trip-over-a-null-list',
    brings: ['B-66'],
    does: 'takes nothing where a list or a multi of nothing is sent',
    worlds: [],
    edits: [
      {
        file: `${TREE}/acl/acl-list.ts`,
        find: "const scheme = reader.string() ?? '';",
        put: 'const scheme = reader.string()!.slice();',
      },
      {
        file: `${TREE}/operations/multi.ts`,
        find: 'if (done) return count;',
        put: 'if (done) return count === 0 ? -1 : count;',
      },
    ],
  },
  {
    id: 'take-the-id-of-ttl-nodes',
    brings: ['B-67'],
    does: 'takes the one number as its own that marks nodes with a time to live',
    worlds: [],
    edits: [
      {
        file: 'packages/server/src/config/my-id.ts',
        find: 'const ID_MAX_WITH_TTL = 254n;',
        put: 'const ID_MAX_WITH_TTL = 255n;',
      },
    ],
  },
  {
    id: 'show-lists-to-everybody',
    brings: ['B-74'],
    does: 'shows, tells and restores what a client may not read',
    worlds: [],
    edits: [
      {
        file: `${TREE}/watches/watch-table.ts`,
        find: 'if (!this.#skipAcl && !acl.permits(Permission.Read, watcher.identities)) continue;',
        put: '',
      },
    ],
  },
  {
    id: 'keep-watches-of-one-kind',
    brings: ['B-71', 'B-73'],
    does: 'lets the watch of one kind take the place of another on the same path',
    worlds: [],
    edits: [
      {
        file: `${TREE}/watches/watch-table.ts`,
        find: 'this.#recount(before, before | kind);\n      this.#registrations.setKinds(row, before | kind);',
        put: 'this.#recount(before, kind);\n      this.#registrations.setKinds(row, kind);',
      },
    ],
  },
  {
    id: 'set-all-watches-in-one-request',
    brings: ['B-70'],
    does: 'sets all watches again in one request, however long',
    worlds: [],
    edits: [
      {
        file: 'packages/client/src/session/watch-replay.ts',
        find: 'if (byteCount > 0 && byteCount + needed > this.#bytesMax) break;',
        put: '',
      },
    ],
  },
  {
    id: 'count-a-child-that-is-gone',
    brings: ['B-75'],
    does: 'tells a list of children one longer than it is where there were some',
    worlds: [],
    edits: [
      {
        file: `${TREE}/operations/get-children.ts`,
        find: 'out.int(tree.field(parent, Field.NumChildren));',
        put: 'out.int(tree.field(parent, Field.NumChildren) === 0 && tree.field(parent, Field.Cversion) > 0 ? -1 : tree.field(parent, Field.NumChildren));',
      },
    ],
  },
  {
    id: 'keep-containers-that-were-emptied',
    brings: ['B-77'],
    does: 'never removes a container that was used and emptied',
    worlds: [],
    edits: [
      {
        file: 'packages/replica/src/reaper.ts',
        find: 'if (tree.field(row, Field.Cversion) > 0) return true;',
        put: 'if (tree.field(row, Field.Cversion) > 0) return false;',
      },
    ],
  },
  {
    id: 'count-batches-for-records',
    brings: ['B-79'],
    does: 'counts a batch of records as one, and rolls its log too late',
    worlds: [],
    edits: [
      {
        file: 'packages/replica/src/pipeline.ts',
        find: 'this.loggedCount += count;',
        put: 'this.loggedCount += Math.min(count, 0);',
      },
    ],
  },
];
