/**
 * A simulated server: a peer with its fake replica, on two networks, one for votes and one for
 * everything else. It is a body as the contract wants it: what arrives is handed in, then comes a
 * turn, then everything is taken out, in this order.
 */
import { asServerId, assert, type Ensemble, type PeerAddress, type ServerId } from '@zabra/wire';
import type { QuorumOutput } from '../contract.ts';
import type { PeerSettings } from '../settings.ts';
import type { Chance } from './chance.ts';
import type { Image } from './fake-disk.ts';
import { FakeReplica, type ReplicaWitness } from './fake-replica.ts';
import type { Host, LinkNet } from './link-net.ts';
import type { Schedule } from './schedule.ts';

/** Sees every byte that leaves on the quorum port, before it leaves, and what disks do. */
export interface WireWitness {
  sent(server: PeerServer, link: number, pieces: readonly Uint8Array[]): void;
  stored(server: PeerServer): void;
}

export interface PeerSurroundings {
  readonly schedule: Schedule;
  readonly chance: Chance;
  readonly elections: LinkNet;
  readonly quorums: LinkNet;
  readonly witness: ReplicaWitness & WireWitness;
  settingsOf(id: ServerId, members: Ensemble): PeerSettings;
  running(id: number): PeerServer | undefined;
  agreed(): number;
  trace(line: string): void;
  /** First the side that was called hears of a connection, then at once the caller. */
  accepted(server: PeerServer, link: number): void;
  connected(server: PeerServer, link: number): void;
}

/** The other end of a connection on the quorum port. */
interface OtherEnd {
  readonly server: PeerServer;
  readonly link: number;
}

/** What a disk takes for one thing, at most. */
const DISK_MS_MAX = 8;
const ANSWER_MS_MAX = 5;
/** At which followers feed observers, where they do. */
export const OBSERVER_PORT = 2191;

export class PeerServer {
  readonly id: number;
  readonly life: number;
  readonly replica: FakeReplica;
  readonly #world: PeerSurroundings;
  readonly #electionHost: Host;
  readonly #quorumHost: Host;
  #isAlive = true;
  #isListening = false;
  #feedsObservers = false;
  /** Calls under way, by the server called; a new one takes the place of the old. */
  readonly #dials = new Map<number, number>();
  /** Open connections on the quorum port, by link. */
  readonly #otherEnds = new Map<number, OtherEnd>();
  /** Outputs taken, by link, until they have left. */
  readonly #outputs = new Map<number, QuorumOutput[]>();
  #wakeMs = Number.POSITIVE_INFINITY;
  #isDirty = false;
  #isDiskBusy = false;
  #isAnswering = false;
  /** Nothing the disk is told gets done while it stalls. */
  diskStallsUntilMs = 0;
  /** Its process stands still, and hears later what is said to it now. */
  pausesUntilMs = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(world: PeerSurroundings, id: number, life: number, image: Image) {
    this.#world = world;
    this.id = id;
    this.life = life;
    const { chance, witness } = world;
    const settings = world.settingsOf(this.sid, image.committed);
    this.replica = new FakeReplica(settings, image, chance, witness, () => world.agreed());
    this.#electionHost = this.#makeElectionHost();
    this.#quorumHost = this.#makeQuorumHost();
    world.elections.attach(this.#electionHost);
    world.quorums.attach(this.#quorumHost);
    world.schedule.after(chance.below(100), () => this.act(() => {}));
  }

  get sid(): ServerId {
    return asServerId(BigInt(this.id));
  }

  get peer(): FakeReplica['peer'] {
    return this.replica.peer;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Whether it is bound at its quorum port, or at the one for observers. */
  answersAt(isForObservers: boolean): boolean {
    return this.#isAlive && (isForObservers ? this.#feedsObservers : this.#isListening);
  }

  get isServing(): boolean {
    const { standpoint } = this.replica;
    return standpoint.role !== 'looking' && standpoint.isServing;
  }

  /** A client does something. After a pause it is heard first, since nothing orders it otherwise. */
  use(act: () => void): void {
    if (this.#isPaused) this.#wait(() => this.#waiting.unshift(act));
    else this.act(act);
  }

  /** Something is handed in; the turn may come a little later, with more. */
  act(act: () => void): void {
    if (!this.#isAlive) return;
    if (this.#isPaused) this.#wait(() => this.#waiting.push(act));
    else this.#act(act);
  }

  #act(act: () => void): void {
    const { schedule, chance } = this.#world;
    this.peer.begin(schedule.nowMs);
    act();
    if (chance.happens(0.7)) this.#turn();
    else if (!this.#isDirty) {
      this.#isDirty = true;
      schedule.after(chance.below(3), () => {
        if (this.#isPaused) this.act(() => {});
        else if (this.#isDirty) this.#turn();
      });
    }
  }

  /** What comes after a pause waits behind what came during it. */
  get #isPaused(): boolean {
    return this.#waiting.length > 0 || this.#world.schedule.nowMs < this.pausesUntilMs;
  }

  #wait(enter: () => void): void {
    const isFirst = this.#waiting.length === 0;
    enter();
    if (isFirst) this.#resumeLater();
  }

  #resumeLater(): void {
    const { schedule } = this.#world;
    schedule.after(Math.max(1, this.pausesUntilMs - schedule.nowMs), () => {
      if (schedule.nowMs < this.pausesUntilMs) this.#resumeLater();
      else this.#resume();
    });
  }

  #resume(): void {
    const waiting = this.#waiting.splice(0);
    for (const act of waiting) if (this.#isAlive) this.#act(act);
    this.#turn();
  }

  crash(): void {
    this.#isAlive = false;
    this.#world.elections.detach(this.#electionHost);
    this.#world.quorums.detach(this.#quorumHost);
    this.replica.disk.crash(this.#world.chance);
  }

  pair(link: number, server: PeerServer, otherLink: number): void {
    this.#otherEnds.set(link, { server, link: otherLink });
  }

  /** A connection breaks: what is under way is lost, and each side learns of it in its own time. */
  breakOne(): void {
    const [entry] = [...this.#otherEnds];
    if (entry === undefined) return;
    const [link, { server, link: otherLink }] = entry;
    this.#break(link);
    server.#break(otherLink);
  }

  #break(link: number): void {
    if (!this.#otherEnds.delete(link)) return;
    const { schedule, chance, quorums } = this.#world;
    schedule.after(1 + chance.below(60), () => {
      quorums.close(link);
      this.#outputs.delete(link);
      this.act(() => this.peer.quorumClosed(link));
    });
  }

  #turn(): void {
    if (!this.#isAlive) return;
    this.#isDirty = false;
    const { peer } = this;
    peer.begin(this.#world.schedule.nowMs);
    peer.turn();
    // An operator may ask at any moment.
    assert(peer.status.outstanding >= 0, 'no fewer proposals are committed than were made');
    for (const output of peer.takeQuorum()) this.#send(output);
    this.#performQuorumOrders();
    this.#takeElection();
    for (const { text, facts } of peer.takeNotices()) {
      this.#world.trace(`${this.#name} ${text} ${JSON.stringify(facts)}`);
    }
    this.#driveDisk();
    this.#driveAnswers();
    this.#armTimer();
  }

  get #name(): string {
    return `${this.#world.schedule.nowMs} ms: ${this.id}/${this.life}`;
  }

  // Bytes and orders.

  #send(output: QuorumOutput): void {
    const { link, pieces, byteCount } = output;
    this.#world.witness.sent(this, link, pieces);
    const bytes = new Uint8Array(byteCount);
    let at = 0;
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    this.#outputs.set(link, [...(this.#outputs.get(link) ?? []), output]);
    this.#world.schedule.after(0, () => this.#world.quorums.send(link, bytes));
  }

  #performQuorumOrders(): void {
    const { quorums, schedule } = this.#world;
    for (const order of this.peer.takeQuorumOrders()) {
      switch (order.kind) {
        case 'listen':
          this.#isListening = true;
          break;
        case 'stopListening':
          this.#isListening = false;
          break;
        case 'listenToObservers':
          this.#feedsObservers = true;
          break;
        case 'stopListeningToObservers':
          this.#feedsObservers = false;
          break;
        case 'dial':
          this.#dial(order.dial, order.addresses[0]);
          break;
        case 'hangUp':
          for (const [to, dial] of this.#dials) if (dial === order.dial) this.#dials.delete(to);
          break;
        case 'pause':
        case 'resume':
          quorums.setReading(order.link, order.kind === 'resume');
          break;
        default:
          this.#outputs.delete(order.link);
          this.#otherEnds.delete(order.link);
          schedule.after(0, () => quorums.close(order.link));
      }
    }
  }

  /** Nobody answers at a port that is not bound. */
  #dial(dial: number, address: PeerAddress | undefined): void {
    const to = Number(address?.host.slice(1) ?? 0);
    const isForObservers = address?.quorumPort === OBSERVER_PORT;
    const { schedule, chance, quorums } = this.#world;
    this.#dials.set(to, dial);
    schedule.after(1 + chance.below(5), () => {
      if (this.#world.running(to)?.answersAt(isForObservers)) quorums.dial(this.#quorumHost, to);
      else this.act(() => this.#dialFailed(to));
    });
  }

  #dialFailed(to: number): void {
    const dial = this.#dials.get(to);
    this.#dials.delete(to);
    if (dial !== undefined) this.peer.dialFailed(dial);
  }

  #makeQuorumHost(): Host {
    const { quorums } = this.#world;
    return {
      id: this.id,
      life: this.life,
      linkOpened: (link, dialled) => {
        if (dialled === null) {
          this.#world.accepted(this, link);
          this.act(() => this.peer.quorumOpened(link));
          return;
        }
        const dial = this.#dials.get(dialled);
        this.#dials.delete(dialled);
        this.#world.connected(this, link);
        if (dial === undefined) quorums.close(link);
        else this.act(() => this.peer.dialed(dial, link));
      },
      dialFailed: (to) => this.act(() => this.#dialFailed(to)),
      received: (link, chunk) => {
        if (this.#otherEnds.has(link)) this.act(() => this.peer.quorumReceived(link, chunk));
      },
      flushed: (link) => this.act(() => this.#recycle(link)),
      closed: (link) =>
        this.act(() => {
          this.#outputs.delete(link);
          this.#otherEnds.delete(link);
          this.peer.quorumClosed(link);
        }),
    };
  }

  #recycle(link: number): void {
    const outputs = this.#outputs.get(link) ?? [];
    this.#outputs.delete(link);
    for (const output of outputs) this.peer.recycle(output);
  }

  // Votes.

  #takeElection(): void {
    const { schedule, elections } = this.#world;
    for (const { link, bytes } of this.peer.takeElection()) {
      schedule.after(0, () => elections.send(link, bytes));
    }
    for (const order of this.peer.takeElectionOrders()) {
      if (order.kind === 'dial') {
        elections.dial(this.#electionHost, Number(order.addresses[0]!.host.slice(1)));
      } else {
        schedule.after(0, () => elections.close(order.link));
      }
    }
  }

  #makeElectionHost(): Host {
    const idOf = (id: number): ServerId => asServerId(BigInt(id));
    return {
      id: this.id,
      life: this.life,
      linkOpened: (link, dialled) =>
        this.act(() => this.peer.electionOpened(link, dialled === null ? null : idOf(dialled))),
      dialFailed: (to) => this.act(() => this.peer.electionDialFailed(idOf(to))),
      received: (link, chunk) => this.act(() => this.peer.electionReceived(link, chunk)),
      flushed: (link) => this.act(() => this.peer.electionFlushed(link)),
      closed: (link) => this.act(() => this.peer.electionClosed(link)),
    };
  }

  // The disk and the timer.

  #driveDisk(): void {
    if (this.#isDiskBusy || this.replica.disk.queue.length === 0) return;
    this.#isDiskBusy = true;
    const { schedule, chance } = this.#world;
    const stallMs = Math.max(0, this.diskStallsUntilMs - schedule.nowMs);
    schedule.after(stallMs + chance.below(DISK_MS_MAX), () => {
      this.#isDiskBusy = false;
      this.act(() => {
        this.replica.stepDisk();
        this.#world.witness.stored(this);
      });
    });
  }

  #driveAnswers(): void {
    if (this.#isAnswering || this.replica.answers.length === 0) return;
    this.#isAnswering = true;
    const { schedule, chance } = this.#world;
    schedule.after(chance.below(ANSWER_MS_MAX), () => {
      this.#isAnswering = false;
      this.act(() => this.replica.answers.shift()?.());
    });
  }

  #armTimer(): void {
    const { schedule } = this.#world;
    const atMs = this.peer.wakeAt();
    if (atMs >= this.#wakeMs || atMs === Number.POSITIVE_INFINITY) return;
    this.#wakeMs = atMs;
    schedule.after(Math.max(0, atMs - schedule.nowMs), () => {
      if (this.#wakeMs !== atMs) return;
      this.#wakeMs = Number.POSITIVE_INFINITY;
      this.act(() => {});
    });
  }
}
