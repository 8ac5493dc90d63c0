/** Bugs in elections. */
import type { Mutant } from '../mutant.ts';

const ELECTION = 'packages/zab/src/election/election.ts';
const VOTE = 'packages/zab/src/election/vote.ts';

export const electionMutants: readonly Mutant[] = [
  {
    id: 'elect-without-regard-to-epochs',
    brings: [],
    does: 'votes for the longest log, whatever epoch it is of',
    worlds: ['elections', 'peers'],
    edits: [
      {
        file: VOTE,
        find: 'if (vote.peerEpoch !== than.peerEpoch) return vote.peerEpoch > than.peerEpoch;',
        put: '',
      },
    ],
  },
  {
    id: 'elect-without-regard-to-logs',
    brings: [],
    does: 'votes for the largest id of those of the latest epoch',
    worlds: ['elections', 'peers'],
    edits: [
      {
        file: VOTE,
        find: 'if (vote.zxid !== than.zxid) return vote.zxid > than.zxid;',
        put: '',
      },
    ],
  },
  {
    id: 'believe-followers-alone',
    brings: [],
    does: 'joins a leader that followers name, though it has not said itself that it leads',
    worlds: ['elections', 'peers'],
    edits: [
      {
        file: ELECTION,
        find: ': box.saysItLeads(leader);',
        put: ': box.saysItLeads(leader) || true;',
      },
    ],
  },
  {
    id: 'believe-a-leader-alone',
    brings: [],
    does: 'joins whoever says that it leads, without a quorum that follows it',
    worlds: ['elections', 'peers'],
    edits: [
      {
        file: ELECTION,
        find: 'if (!this.#ruling.contains(supporters)) return false;',
        put: 'if (supporters.size === 0) return false;',
      },
    ],
  },
  {
    id: 'compare-those-with-a-leader-by-their-logs',
    brings: ['B-51'],
    does: 'wants those who have a leader to name the same zxid and round',
    worlds: ['elections', 'peers'],
    edits: [
      {
        file: VOTE,
        find: 'if (one.state === PeerState.Looking || other.state === PeerState.Looking) {',
        put: 'if (one.state !== PeerState.Following || one.leader === other.leader) {',
      },
    ],
  },
  {
    id: 'elect-those-who-have-lost-their-data',
    brings: ['B-30'],
    does: 'counts the vote of a server whose database is empty where it should not be',
    worlds: [],
    edits: [
      {
        file: ELECTION,
        find: 'if (this.#own.zxid === UNTRUSTED_ZXID || ballot.zxid === UNTRUSTED_ZXID) return;',
        put: 'void UNTRUSTED_ZXID;',
      },
    ],
  },
  {
    id: 'say-it-once',
    brings: [],
    does: 'does not repeat its vote to those who may have missed it',
    worlds: ['elections', 'peers'],
    edits: [
      {
        file: ELECTION,
        find: 'if (this.#post.hasDelivered) {\n      this.#propose(this.#proposal, nowMs);',
        put: 'if (this.#post.hasDelivered) {\n      this.#waitAnew(nowMs);',
      },
    ],
  },
  {
    id: 'leave-who-looks-without-an-answer',
    brings: [],
    does: 'does not answer who looks for a leader when it has one',
    worlds: ['elections', 'peers'],
    edits: [
      {
        file: ELECTION,
        find: 'this.#send(from, this.#vote, this.#vote.round);',
        put: '',
      },
    ],
  },
];
