/** Bugs of a leader: in finding an epoch, in bringing learners in step, in counting. */
import type { Mutant } from '../mutant.ts';

const LEADING = 'packages/zab/src/leading.ts';
const DISCOVERY = 'packages/zab/src/leading/discovery.ts';
const SERVING = 'packages/zab/src/leading/serving.ts';
const TALLY = 'packages/zab/src/leading/tally.ts';
const LEARNER = 'packages/zab/src/leading/learner.ts';
const ROUNDS = 'packages/zab/src/leading/sync-rounds.ts';
const BROADCAST = 'packages/zab/src/leading/broadcast.ts';

export const leadingMutants: readonly Mutant[] = [
  {
    id: 'name-an-epoch-before-it-is-synced',
    brings: [],
    does: 'names its epoch before its own disk has it',
    worlds: ['peers'],
    edits: [
      {
        file: LEADING,
        find: "this.#standing.epochs.store('accepted', this.#discovery.epoch);",
        put: "this.#standing.epochs.store('accepted', this.#discovery.epoch); this.#confirm(this.#discovery.epoch);",
      },
    ],
  },
  {
    id: 'declare-itself-before-it-is-synced',
    brings: [],
    does: 'declares itself leader before its own disk has the epoch',
    worlds: ['peers'],
    edits: [
      {
        file: LEADING,
        find: "this.#standing.epochs.store('current', this.#term.epoch);",
        put: "this.#standing.epochs.store('current', this.#term.epoch); this.#unite();",
      },
    ],
  },
  {
    id: 'count-an-observer-for-an-epoch',
    brings: ['B-57'],
    does: 'counts observers among those who have heard of its epoch',
    worlds: [],
    edits: [
      {
        file: DISCOVERY,
        find: 'return this.#quorum.contains(this.#heard);',
        put: 'return 2 * this.#heard.size > this.#quorum.voters.size;',
      },
      {
        file: DISCOVERY,
        find: 'return this.#quorum.contains(this.#promised);',
        put: 'return 2 * this.#promised.size > this.#quorum.voters.size;',
      },
      {
        file: LEADING,
        find: 'learner.isObserver ? null : learner.id',
        put: 'learner.id',
      },
      {
        file: LEADING,
        find: '!learner.isObserver && learner.zxid !== UNTRUSTED',
        put: 'learner.zxid !== UNTRUSTED',
      },
    ],
  },
  {
    id: 'serve-before-a-quorum-has-sworn',
    brings: [],
    does: 'serves as soon as it has declared itself',
    worlds: ['peers'],
    edits: [
      {
        file: LEADING,
        find: 'this.#isReady && this.#hasUnited',
        put: 'this.#isReady',
      },
    ],
  },
  {
    id: 'call-up-to-date-too-early',
    brings: [],
    does: 'calls a learner up to date that has sworn, before it leads itself',
    worlds: ['peers'],
    edits: [
      {
        file: LEADING,
        find: "if (this.#phase === 'serving') this.#callUpToDate(learner);",
        put: 'this.#callUpToDate(learner);',
      },
    ],
  },
  {
    id: 'count-those-who-have-not-sworn',
    brings: [],
    does: 'counts acknowledgements of servers that have not taken over its history',
    worlds: ['peers'],
    edits: [
      {
        file: TALLY,
        find: 'if (isSworn && counter > from) candidates',
        put: 'if (counter > from) candidates',
      },
      {
        file: TALLY,
        find: 'if (isSworn && acknowledged >= counter) those',
        put: 'if (acknowledged >= counter) those',
      },
    ],
  },
  {
    id: 'commit-by-one-less-than-a-majority',
    brings: [],
    does: 'commits what one server less than a quorum has',
    worlds: ['peers'],
    edits: [
      {
        file: TALLY,
        find: 'if (quorum.contains(this.#thoseWith(counter))) return counter;',
        put: 'if (2 * (this.#thoseWith(counter).size + 1) > quorum.voters.size) return counter;',
      },
    ],
  },
  {
    id: 'wait-for-every-voter',
    brings: ['B-55'],
    does: 'commits only what all voters have, those among them that are not there',
    worlds: ['peers'],
    edits: [
      {
        file: TALLY,
        find: 'if (quorum.contains(this.#thoseWith(counter))) return counter;',
        put: 'if ([...quorum.voters].every((id) => this.#thoseWith(counter).has(id))) return counter;',
      },
    ],
  },
  {
    id: 'count-itself-before-its-disk-answers',
    brings: [],
    does: 'counts itself for what is on its way to its own disk',
    worlds: ['peers'],
    edits: [
      {
        file: SERVING,
        find: 'this.#ownSeat.acknowledge(durable);',
        put: 'this.#ownSeat.acknowledge(broadcast.proposed);',
      },
    ],
  },
  {
    id: 'apply-before-commit',
    brings: ['B-15'],
    does: 'applies what it proposes before anybody has agreed',
    worlds: ['peers'],
    edits: [
      {
        file: SERVING,
        find: 'standing.history.append(epoch, broadcast.proposed | 0);',
        put: 'standing.history.append(epoch, broadcast.proposed | 0); standing.service.commit(epoch, broadcast.proposed | 0);',
      },
    ],
  },
  {
    id: 'lead-without-a-quorum',
    brings: [],
    does: 'goes on leading when its quorum is gone',
    worlds: ['peers'],
    edits: [
      {
        file: SERVING,
        find: "this.#giveUp('it has lost its quorum');",
        put: 'return;',
      },
    ],
  },
  {
    id: 'lead-with-a-dead-disk',
    brings: ['B-45'],
    does: 'goes on leading though its own disk does not answer',
    worlds: ['peers', 'ensemble'],
    edits: [
      {
        file: SERVING,
        find: "this.#giveUp('its own disk does not answer');",
        put: 'standing.notices;',
      },
      {
        file: SERVING,
        find: 'return Math.min(this.#tickAtMs, owedAtMs);',
        put: 'return owedAtMs < 0 ? owedAtMs : this.#tickAtMs;',
      },
    ],
  },
  {
    id: 'sync-without-proof-of-leading',
    brings: ['B-78'],
    does: 'answers a sync without asking whether it still leads',
    worlds: ['peers', 'ensemble'],
    edits: [
      {
        file: ROUNDS,
        find: 'round: this.#provesLeadership ? next : 0',
        put: 'round: this.#provesLeadership ? 0 * next : 0',
      },
    ],
  },
  {
    id: 'take-an-old-answer-for-proof',
    brings: [],
    does: 'takes the answer to an older ping for proof that it still leads',
    worlds: ['peers'],
    edits: [
      {
        file: ROUNDS,
        find: 'Math.max(1, owed.get(learner) ?? 0)',
        put: 'Math.max(1, 0 * (owed.get(learner) ?? 0))',
      },
    ],
  },
  {
    id: 'let-go-of-what-only-others-have',
    brings: ['B-17'],
    does: 'forgets recent proposals that are committed and not in its own log yet',
    worlds: ['peers'],
    edits: [
      {
        file: BROADCAST,
        find: 'const through = Math.min(this.committed, durable);\n    while',
        put: 'const through = this.committed + 0 * durable;\n    while',
      },
    ],
  },
  {
    id: 'inform-nobody',
    brings: [],
    does: 'tells observers nothing of what is committed',
    worlds: ['peers'],
    edits: [
      {
        file: BROADCAST,
        find: 'if (this.observers > 0) this.#inform(PacketType.Inform, null);',
        put: '',
      },
    ],
  },
  {
    id: 'refuse-an-early-acknowledgement',
    brings: ['B-04'],
    does: 'lets a learner go whose acknowledgement of a record overtakes its oath',
    worlds: [],
    edits: [
      {
        file: LEARNER,
        find: 'if (packet.type === PacketType.Ack) this.#onAck(packet);\n    else this.fail',
        put: 'if (packet.type === PacketType.Ack && packet.zxidLow === 0) this.#onAck(packet);\n    else this.fail',
      },
    ],
  },
];
