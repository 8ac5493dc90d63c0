/**
 * A simulated server that elects: a `Voting` with a disk of three numbers, and in place of the
 * broadcast the least that makes an election matter. Whoever is decided on leads if a quorum joins it
 * in time; then all who joined take over its history and its epoch. Who loses its leader, or its
 * quorum, looks again.
 */
import {
  asServerId,
  asZxid,
  type Ensemble,
  PeerState,
  type ServerId,
  type Zxid,
  zxidOf,
} from '@zabra/wire';
import type { Decision, OwnHistory } from '../election/election.ts';
import { ELECTION_TIMES } from '../election/settings.ts';
import { Voting } from '../election/voting.ts';
import { jointQuorumOf } from '../quorum/ensemble-quorum.ts';
import type { Chance } from './chance.ts';
import type { Host, LinkNet } from './link-net.ts';
import type { Schedule } from './schedule.ts';

export interface Disk {
  zxid: Zxid;
  currentEpoch: bigint;
  acceptedEpoch: bigint;
}

/** What one leader and those who joined it have in common. */
export interface Reign {
  readonly leader: ElectingServer;
  readonly sinceMs: number;
  /** What the leader had when it was elected. */
  readonly history: OwnHistory;
  readonly joined: Set<ElectingServer>;
  readonly synced: Set<ElectingServer>;
  /** Null until a quorum has joined. */
  epoch: bigint | null;
  isEstablished: boolean;
  isOver: boolean;
}

/** What happens is told to whoever checks. */
export interface Witness {
  looks(server: ElectingServer): void;
  said(server: ElectingServer, to: number | null, bytes: Uint8Array): void;
  decided(server: ElectingServer, decision: Decision): void;
  established(reign: Reign): void;
  trace(line: string): void;
}

export interface Surroundings {
  readonly schedule: Schedule;
  readonly chance: Chance;
  readonly net: LinkNet;
  readonly witness: Witness;
  readonly committed: Ensemble;
  readonly lastSeen: Ensemble | null;
  /** Whoever runs now. */
  running(id: number): ElectingServer | undefined;
}

const ATTEND_MS = 100;
const JOIN_TRIES = 5;
const INIT_LIMIT_MS = 5000;
const SYNC_LIMIT_MS = 2500;

export class ElectingServer implements Host {
  readonly id: number;
  readonly life: number;
  readonly disk: Disk;
  readonly voting: Voting;
  readonly #world: Surroundings;
  #isAlive = true;
  /** Its own, or that it wants to join. */
  reign: Reign | null = null;
  #wanted: number | null = null;
  #tries = 0;
  #joinedMs = 0;
  #lastHeardMs = 0;
  #wakeMs = Number.POSITIVE_INFINITY;

  constructor(world: Surroundings, id: number, life: number, disk: Disk) {
    this.#world = world;
    this.id = id;
    this.life = life;
    this.disk = disk;
    this.voting = new Voting(
      { ...ELECTION_TIMES, id: this.sid, reconfigEnabled: false },
      { addresses: [{ host: `h${id}`, port: 3888 }], form: 'v1', greetingMs: 5000 },
      world.committed,
      world.lastSeen,
    );
    world.net.attach(this);
    world.schedule.after(world.chance.below(500), () => this.#act(() => this.look()));
    this.#attendLater();
  }

  get sid(): ServerId {
    return asServerId(BigInt(this.id));
  }

  get history(): OwnHistory {
    return { zxid: this.disk.zxid, currentEpoch: this.disk.currentEpoch };
  }

  get isLeading(): boolean {
    return this.reign !== null && this.reign.leader === this && !this.reign.isOver;
  }

  /** Whether it serves under this leader, or as it. */
  follows(reign: Reign): boolean {
    return this.reign === reign && (reign.leader === this || reign.synced.has(this));
  }

  crash(): void {
    this.#isAlive = false;
    if (this.isLeading) this.reign!.isOver = true;
    this.reign = null;
    this.#world.net.detach(this);
    this.#trace('crashes');
  }

  look(): void {
    if (this.isLeading) this.reign!.isOver = true;
    this.reign = null;
    this.#wanted = null;
    const { currentEpoch, zxid } = this.disk;
    this.#trace(`looks, at ${zxid.toString(16)} of epoch ${currentEpoch}`);
    this.voting.start(this.history, this.#nowMs);
    this.#world.witness.looks(this);
  }

  // As a host on the network.

  linkOpened(link: number, dialled: number | null): void {
    const to = dialled === null ? null : asServerId(BigInt(dialled));
    this.#act(() => this.voting.linkOpened(link, to, this.#nowMs));
  }

  dialFailed(to: number): void {
    this.#act(() => this.voting.dialFailed(asServerId(BigInt(to))));
  }

  received(link: number, chunk: Uint8Array): void {
    this.#act(() => this.voting.received(link, chunk, this.#nowMs));
  }

  flushed(link: number): void {
    this.#act(() => this.voting.flushed(link));
  }

  closed(link: number): void {
    this.#act(() => this.voting.closed(link));
  }

  // Inside.

  get #nowMs(): number {
    return this.#world.schedule.nowMs;
  }

  #trace(what: string): void {
    this.#world.witness.trace(`${this.#nowMs} ms: ${this.id}/${this.life} ${what}`);
  }

  #act(act: () => void): void {
    if (!this.#isAlive) return;
    act();
    this.#takeAll();
  }

  #takeAll(): void {
    const { net, witness } = this.#world;
    const decision = this.voting.takeDecision();
    if (decision !== null) this.#onDecision(decision);
    for (const { link, bytes } of this.voting.takeOutput()) {
      witness.said(this, net.peerOf(link), bytes);
      // After this turn: what leaves may come back at once.
      this.#world.schedule.after(0, () => net.send(link, bytes));
    }
    for (const order of this.voting.takeOrders()) {
      if (order.kind === 'dial') net.dial(this, Number(order.addresses[0]!.host.slice(1)));
      else this.#world.schedule.after(0, () => net.close(order.link));
    }
    this.voting.takeNotices();
    this.#armTimer();
  }

  #armTimer(): void {
    const atMs = this.voting.wakeAt();
    if (atMs === this.#wakeMs || atMs === Number.POSITIVE_INFINITY) return;
    this.#wakeMs = atMs;
    this.#world.schedule.after(Math.max(0, atMs - this.#nowMs), () => {
      if (this.#wakeMs !== atMs) return;
      this.#wakeMs = Number.POSITIVE_INFINITY;
      this.#act(() => this.voting.onTimer(this.#nowMs));
    });
  }

  // In place of the broadcast.

  #onDecision(decision: Decision): void {
    const { state, vote } = decision;
    this.#trace(`decides for ${vote.leader} in round ${vote.round}`);
    this.#world.witness.decided(this, decision);
    this.#tries = 0;
    this.#lastHeardMs = this.#nowMs;
    if (state !== PeerState.Leading) {
      this.#wanted = Number(vote.leader);
      return;
    }
    this.reign = {
      leader: this,
      sinceMs: this.#nowMs,
      history: this.history,
      joined: new Set([this]),
      synced: new Set([this]),
      epoch: null,
      isEstablished: false,
      isOver: false,
    };
  }

  #attendLater(): void {
    this.#world.schedule.after(ATTEND_MS + this.#world.chance.below(20), () => {
      if (!this.#isAlive) return;
      this.#act(() => this.#attend());
      this.#attendLater();
    });
  }

  #attend(): void {
    if (this.voting.state === PeerState.Looking) return;
    if (this.isLeading) this.#lead(this.reign!);
    else if (this.reign === null) this.#join(this.#world.running(this.#wanted!));
    else this.#follow(this.reign);
  }

  #join(leader: ElectingServer | undefined): void {
    const { net } = this.#world;
    const reign = leader?.reign ?? null;
    if (reign !== null && leader!.isLeading && net.canTalk(this.id, leader!.id)) {
      this.reign = reign;
      reign.joined.add(this);
      this.#joinedMs = this.#nowMs;
      this.#lastHeardMs = this.#nowMs;
      return;
    }
    this.#tries += 1;
    if (this.#tries >= JOIN_TRIES) this.look();
  }

  #follow(reign: Reign): void {
    const { leader } = reign;
    if (this.#world.net.canTalk(this.id, leader.id)) this.#lastHeardMs = this.#nowMs;
    const isTooLate = !reign.synced.has(this) && this.#nowMs - this.#joinedMs > INIT_LIMIT_MS;
    if (reign.isOver || isTooLate || this.#nowMs - this.#lastHeardMs > SYNC_LIMIT_MS) {
      this.look();
      return;
    }
    if (reign.epoch === null) return;
    if (!reign.synced.has(this)) this.#sync(reign, reign.epoch);
    else if (reign.isEstablished) this.#keepUp(reign, reign.epoch);
  }

  /** Leaders take in nobody who has more than they had when they were elected. */
  #sync(reign: Reign, epoch: bigint): void {
    const { disk } = reign.leader;
    const { zxid, currentEpoch } = reign.history;
    const isAhead =
      this.disk.currentEpoch > currentEpoch ||
      (this.disk.currentEpoch === currentEpoch && this.disk.zxid > zxid);
    if (this.disk.acceptedEpoch > epoch || (isAhead && !reign.isEstablished)) {
      this.#trace('is ahead of its leader');
      reign.joined.delete(this);
      this.look();
      return;
    }
    this.disk.acceptedEpoch = epoch;
    this.disk.zxid = disk.zxid;
    this.disk.currentEpoch = epoch;
    reign.synced.add(this);
  }

  #keepUp(reign: Reign, epoch: bigint): void {
    if (this.#world.chance.happens(0.7)) this.disk.zxid = reign.leader.disk.zxid;
    this.#tell(epoch);
  }

  #tell(epoch: bigint): void {
    const { state, vote } = this.voting;
    if (vote.peerEpoch !== epoch) this.voting.assume(state, { ...vote, peerEpoch: epoch });
  }

  #lead(reign: Reign): void {
    const { schedule, chance, net, witness } = this.#world;
    if (reign.epoch === null && this.#isQuorum(reign.joined)) {
      reign.epoch = 1n + acceptedMax(reign.joined);
      for (const { disk } of reign.joined) disk.acceptedEpoch = reign.epoch;
      this.disk.currentEpoch = reign.epoch;
    }
    const isNew = !reign.isEstablished;
    if (isNew && this.#isQuorum(reign.synced)) {
      reign.isEstablished = true;
      this.#tell(reign.epoch!);
      witness.established(reign);
      this.#trace(`is established in epoch ${reign.epoch}`);
    }
    const heard = [...reign.joined].filter((server) => net.canTalk(this.id, server.id));
    if (this.#isQuorum(new Set(heard))) this.#lastHeardMs = schedule.nowMs;
    const limitMs = isNew ? INIT_LIMIT_MS : SYNC_LIMIT_MS;
    if (schedule.nowMs - (isNew ? reign.sinceMs : this.#lastHeardMs) > limitMs) this.look();
    else if (reign.isEstablished && chance.happens(0.2)) this.#write(reign.epoch!);
  }

  #write(epoch: bigint): void {
    const { zxid } = this.disk;
    const isFirst = zxid >> 32n !== epoch;
    this.disk.zxid = isFirst ? zxidOf(Number(epoch), 1) : asZxid(zxid + 1n);
  }

  #isQuorum(servers: ReadonlySet<ElectingServer>): boolean {
    const { committed, lastSeen } = this.#world;
    const there = [...servers].filter(({ reign }) => reign === this.reign);
    return jointQuorumOf(committed, lastSeen).contains(new Set(there.map(({ sid }) => sid)));
  }
}

function acceptedMax(servers: ReadonlySet<ElectingServer>): bigint {
  let most = 0n;
  for (const { disk } of servers) if (disk.acceptedEpoch > most) most = disk.acceptedEpoch;
  return most;
}
