/** Bugs of a member towards its clients: sessions, the order of answers, syncs. */
import type { Mutant } from '../mutant.ts';

const LEADER = 'packages/replica/src/parts/leader.ts';
const LEARNER = 'packages/replica/src/parts/learner.ts';
const MEMBER = 'packages/replica/src/ensemble/member.ts';
const HANDSHAKE = 'packages/replica/src/handshake.ts';
const REQUESTS = 'packages/replica/src/requests.ts';
const SYNCS = 'packages/replica/src/ensemble/sync-queue.ts';
const SESSIONS = 'packages/tree/src/sessions/session-table.ts';

export const servingMutants: readonly Mutant[] = [
  {
    id: 'expire-on-a-learner',
    brings: [],
    does: 'ends sessions on a learner, which has not heard of those elsewhere',
    worlds: ['ensemble'],
    edits: [{ file: LEARNER, find: 'readonly governs = false;', put: 'readonly governs = true;' }],
  },
  {
    id: 'answer-a-moved-session',
    brings: [],
    does: 'lets a session write on a server that it has left for another',
    worlds: ['ensemble'],
    edits: [
      {
        file: LEADER,
        find: 'return owner === undefined || owner === origin;',
        put: 'return owner !== -1;',
      },
    ],
  },
  {
    id: 'forget-where-a-session-has-come-to',
    brings: ['B-88'],
    does: 'keeps a session where it was, however often it says that it has come elsewhere',
    worlds: ['ensemble'],
    edits: [
      {
        file: LEADER,
        find: 'sessions.touch(session);\n      this.#owners.set(sessionHigh, sessionLow, learner);',
        put: 'sessions.touch(session);',
      },
    ],
  },
  {
    id: 'say-nothing-of-who-has-spoken',
    brings: [],
    does: 'does not tell its leader which sessions have given a sign of life',
    worlds: ['ensemble'],
    edits: [
      {
        file: LEARNER,
        find: 'if (session === null || session.isLocal) continue;',
        put: 'if (session === null || session.low !== -1) continue;',
      },
    ],
  },
  {
    id: 'count-leases-on-from-the-last-leader',
    brings: [],
    does: 'ends sessions when it begins to lead, since nobody has told it lately that they live',
    worlds: ['ensemble'],
    edits: [{ file: MEMBER, find: 'state.sessions.renewAll();', put: '' }],
  },
  {
    id: 'leave-who-has-run-out',
    brings: ['B-44'],
    does: 'ends no session that was there before it began to lead',
    worlds: ['ensemble'],
    edits: [
      {
        file: MEMBER,
        find: 'state.sessions.renewAll();',
        put: 'for (const session of state.sessions.all()) session.deadlineMs = 8e15;',
      },
    ],
  },
  {
    id: 'go-by-the-clock-on-the-wall',
    brings: ['B-43'],
    does: 'counts leases by the clock on the wall',
    worlds: ['ensemble', 'alone'],
    edits: [
      {
        file: 'packages/replica/src/replica.ts',
        find: 'this.#state.sessions.advance(monotonicMs);',
        put: 'this.#state.sessions.advance(wallMs - 1_600_000_000_000);',
      },
      {
        file: 'packages/replica/src/expiry.ts',
        find: 'if (session.closing || session.deadlineMs > nowMs) return;',
        put: 'if (session.closing || session.deadlineMs > this.#state.wallMs - 1_600_000_000_000 + 0 * nowMs) return;',
      },
    ],
  },
  {
    id: 'take-clients-that-have-seen-more',
    brings: [],
    does: 'serves a client that has seen more than it has itself',
    worlds: ['ensemble'],
    edits: [
      {
        file: HANDSHAKE,
        find: 'if (zxidSeen > state.appliedZxid && zxidSeen > state.part.floorZxid) {',
        put: 'if (zxidSeen < -1n) {',
      },
    ],
  },
  {
    id: 'vouch-for-sessions-itself',
    brings: [],
    does: 'greets a session that has come to it without asking its leader whether it lives',
    worlds: ['ensemble'],
    edits: [
      {
        file: LEARNER,
        find: "return 'asked';",
        put: "return 'here';",
      },
    ],
  },
  {
    id: 'vouch-for-sessions-that-have-ended',
    brings: [],
    does: 'says of any session that it lives',
    worlds: ['ensemble'],
    edits: [
      {
        file: LEADER,
        find: 'this.#peer.answerRevalidation(learner, { sessionHigh, sessionLow, valid });',
        put: 'this.#peer.answerRevalidation(learner, { sessionHigh, sessionLow, valid: true });',
      },
    ],
  },
  {
    id: 'read-ahead-of-own-writes',
    brings: [],
    does: 'answers a read while a write of the same session is under way',
    worlds: ['ensemble', 'alone'],
    edits: [
      {
        file: REQUESTS,
        find: 'connection.queue.isEmpty &&\n        !this.#mustPutOff',
        put: '!this.#mustPutOff',
      },
    ],
  },
  {
    id: 'answer-a-sync-before-it-is-applied',
    brings: [],
    does: 'answers a sync before what it waited for is in the tree',
    worlds: ['ensemble'],
    edits: [
      {
        file: SYNCS,
        find: 'if (isAhead(next, appliedHigh, appliedLow)) break;',
        put: 'void isAhead;',
      },
    ],
  },
  {
    id: 'sync-with-nobody',
    brings: [],
    does: 'answers a sync on a learner without asking its leader',
    worlds: ['ensemble'],
    edits: [
      { file: LEARNER, find: 'readonly asksToSync = true;', put: 'readonly asksToSync = false;' },
    ],
  },
  {
    id: 'write-for-those-who-have-run-out',
    brings: [],
    does: 'does what a session asks whose end is on its way',
    worlds: ['ensemble'],
    edits: [
      {
        file: LEADER,
        find: 'if (session.closing) return ErrorCode.SessionExpired;',
        put: '',
      },
      {
        file: 'packages/tree/src/operations/create.ts',
        find: 'if (p.session === null || p.session.closing) return ErrorCode.SessionExpired;',
        put: 'if (p.session === null) return ErrorCode.SessionExpired;',
      },
    ],
  },
  {
    id: 'keep-half-ended-sessions-half-ended',
    brings: [],
    does: 'keeps refusing a session whose end was on its way when its leader was lost',
    worlds: ['ensemble'],
    edits: [
      {
        file: SESSIONS,
        find: 'for (const session of this.all()) session.closing = false;',
        put: '',
      },
    ],
  },
];
