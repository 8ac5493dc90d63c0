/**
 * Which edges of the machines that are drawn in the README of `zab` were taken: a server's parts, a
 * leader's course, a learner's, and a learner as its leader sees it. Where each is follows from what
 * can be seen of it; an edge that no world has taken was not tested.
 */
import { PacketType } from '@zabra/wire';
import type { Fact, FactOf, Listener, Said } from '../checkers/ensemble/facts.ts';
import { isBeginning } from '../checkers/ensemble/known.ts';
import type { Ledger } from '../faults/ledger.ts';

const LEADER = ['discovering', 'promising', 'confirming', 'adopting', 'uniting', 'serving'];
const LEARNER = [
  'calling',
  'introduced',
  'promising',
  'promised',
  'catchingUp',
  'adopting',
  'sworn',
  'serving',
];
const SEEN = ['calling', 'introduced', 'asked', 'promised', 'feeding', 'sworn', 'synced'];
const OVER = 'over';

/** Every edge that is drawn. */
export const edges: readonly string[] = [
  ...['leading', 'following', 'observing'].flatMap((role) => [
    edge('server', 'looking', role),
    edge('server', role, 'looking'),
  ]),
  ...course('leader', LEADER),
  ...course('learner', LEARNER),
  edge('learner', 'introduced', 'promised'),
  edge('learner', 'promised', 'installing'),
  edge('learner', 'installing', 'catchingUp'),
  edge('learner', 'installing', OVER),
  ...course('learner seen by its leader', SEEN),
];

/** From each stage to the next, and from each to the end. */
function course(machine: string, stages: readonly string[]): string[] {
  return stages.flatMap((stage, i) => [
    ...(i + 1 < stages.length ? [edge(machine, stage, stages[i + 1]!)] : []),
    edge(machine, stage, OVER),
  ]);
}

function edge(machine: string, from: string, to: string): string {
  return `${machine}: ${from} → ${to}`;
}

export class Transitions implements Listener {
  readonly #ledger: Ledger;
  readonly #roles = new Map<number, string>();
  /** Of whoever leads or learns, where it is. */
  readonly #stages = new Map<number, string>();
  /** By it a leader's course is told from a learner's, when its part is over too. */
  readonly #firstStages = new Map<number, string>();
  readonly #seen = new Map<number, string>();
  readonly #talks = new Map<number, FactOf<'connected'>>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  hear(fact: Fact): void {
    switch (fact.kind) {
      case 'started':
      case 'died':
        this.#roles.set(fact.server, 'looking');
        this.#stages.delete(fact.server);
        break;
      case 'connected':
        this.#talks.set(fact.connection, fact);
        this.#seen.set(fact.connection, 'calling');
        break;
      case 'closed':
        if (fact.isLeaders) this.#moveSeen(fact.connection, OVER);
        break;
      case 'stands':
        this.#onStand(fact);
        break;
      case 'asked':
        if (fact.what === 'accepted') this.#move(fact.server, 'promising');
        else if (fact.what === 'current') this.#move(fact.server, 'adopting');
        break;
      case 'stored':
        this.#onStored(fact);
        break;
      case 'sent':
      case 'received':
        this.#onPacket(fact);
        break;
      default:
    }
  }

  #onStand({ server, stand }: FactOf<'stands'>): void {
    const before = this.#roles.get(server) ?? 'looking';
    this.#roles.set(server, stand.role);
    if (stand.role !== before) this.#take('server', before, stand.role);
    if (stand.role === 'looking') this.#move(server, OVER);
    else if (stand.isServing) this.#move(server, 'serving');
    else if (before === 'looking') {
      const first = stand.role === 'leading' ? 'discovering' : 'calling';
      this.#firstStages.set(server, first);
      this.#stages.set(server, first);
    } else if (stand.role === 'leading' && stand.epoch > 0) this.#move(server, 'confirming');
  }

  #onStored({ server, disk }: FactOf<'stored'>): void {
    const isLeading = this.#roles.get(server) === 'leading';
    const isAdopting = this.#stages.get(server) === 'adopting';
    if (isLeading && isAdopting && disk.currentEpoch > 0) this.#move(server, 'uniting');
  }

  #onPacket({ kind, connection, packet, isLeaders }: Said): void {
    const talk = this.#talks.get(connection);
    if (talk === undefined) return;
    const isOath = packet.type === PacketType.Ack && isBeginning(packet.zxid);
    if ((kind === 'sent') === isLeaders) {
      const stage = isOath ? 'sworn' : SEEN_AT[packet.type];
      if (stage !== undefined) this.#moveSeen(connection, stage);
    } else {
      const stage = isOath ? 'sworn' : LEARNT_AT[packet.type];
      if (stage !== undefined) this.#move(talk.learner, stage);
    }
  }

  #move(server: number, to: string): void {
    const from = this.#stages.get(server);
    const isLeader = LEADER[0] === this.#firstStages.get(server);
    if (from === undefined || !isAhead(isLeader ? LEADER : ORDER, from, to)) return;
    this.#take(isLeader ? 'leader' : 'learner', from, to);
    if (to === OVER) this.#stages.delete(server);
    else this.#stages.set(server, to);
  }

  #moveSeen(connection: number, to: string): void {
    const from = this.#seen.get(connection);
    if (from === undefined || !isAhead(SEEN, from, to)) return;
    this.#take('learner seen by its leader', from, to);
    if (to === OVER) this.#seen.delete(connection);
    else this.#seen.set(connection, to);
  }

  #take(machine: string, from: string, to: string): void {
    this.#ledger.note(edge(machine, from, to));
  }
}

/** What a leader sends or gets, and where its learner is then. */
const SEEN_AT: Readonly<Record<number, string>> = {
  [PacketType.FollowerInfo]: 'introduced',
  [PacketType.ObserverInfo]: 'introduced',
  [PacketType.LeaderInfo]: 'asked',
  [PacketType.AckEpoch]: 'promised',
  [PacketType.Diff]: 'feeding',
  [PacketType.Trunc]: 'feeding',
  [PacketType.Snap]: 'feeding',
  [PacketType.UpToDate]: 'synced',
};

/** The same for the learner itself. */
const LEARNT_AT: Readonly<Record<number, string>> = {
  [PacketType.FollowerInfo]: 'introduced',
  [PacketType.ObserverInfo]: 'introduced',
  [PacketType.AckEpoch]: 'promised',
  [PacketType.Diff]: 'catchingUp',
  [PacketType.Trunc]: 'catchingUp',
  [PacketType.Snap]: 'installing',
  [PacketType.Proposal]: 'catchingUp',
  [PacketType.NewLeader]: 'catchingUp',
};

const ORDER = [...LEARNER.slice(0, 4), 'installing', ...LEARNER.slice(4)];

/** A stage is come to once; what is said again in a later one is no step back. */
function isAhead(stages: readonly string[], from: string, to: string): boolean {
  return to === OVER || stages.indexOf(to) > stages.indexOf(from);
}
