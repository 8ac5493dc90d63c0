/**
 * The body's loop around one mind. Whatever arrives is handed in as it comes; one `setImmediate`,
 * armed by the first of it, runs the turn when everything that was there to be read has been. Then
 * disk work, output and orders leave, each once a turn.
 */
import type { ClientOutput, Order, Replica, StoreConfigurationOrder } from '@zabra/replica';
import { assert, type Member } from '@zabra/wire';
import type { Clock } from './clock.ts';
import { memberOf } from './config/ensemble-settings.ts';
import type { LogFacts, LogLevel } from './log.ts';
import { LoopStats } from './loop-stats.ts';
import type { Accepted } from './net/accept.ts';
import { ClientSocket, type SocketEvents } from './net/client-socket.ts';
import { Farewells } from './net/farewells.ts';
import { plainAddress } from './net/peer-address.ts';
import { type PeerLoop, PeerNetwork, type PeerNetworkSettings } from './peers/peer-network.ts';
import { StandpointLines } from './standpoint-lines.ts';
import type { Store } from './store/store.ts';

export interface HostEvents {
  onNotice(order: Order & { readonly kind: 'notice' }): void;
  /** A connection was closed for a reason worth knowing. */
  onClosed(connection: number, reason: string): void;
  /** The mind has ended and will not serve again. */
  onStop(reason: string): void;
  /** The mind is not to be believed any more; what it said last. */
  onBroken(text: string): void;
  /** The other servers of the ensemble cannot reach this one; it runs no further turn. */
  onElectionPortFailed(reason: string): void;
  /** A change of the members has given this one another line. */
  onRelocated(me: Member): void;
  /** Answers a word that needs facts of this machine. */
  onWord(connection: number, word: string): void;
}

/**
 * What is due sooner is waited for turn by turn: a timer would be a millisecond late. An append that
 * waits for company is such a thing, and waits no longer than this.
 */
const SPIN_MS = 0.25;
/** How long a stop in good order waits for the disk, and for others to hang up. */
const FINISH_WAIT_MS = 5000;
const FAREWELL_WAIT_MS = 200;

export class Host implements SocketEvents, PeerLoop {
  readonly #replica: Replica;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #events: HostEvents;
  readonly #sockets = new Map<number, ClientSocket>();
  readonly stats: LoopStats = new LoopStats();
  readonly #farewells = new Farewells();
  /** Null for a server that serves alone. */
  #peers: PeerNetwork | null = null;
  #me: Member | null = null;
  readonly #standpoints = new StandpointLines();
  #nextId = 1;
  #isArmed = false;
  #timer: NodeJS.Timeout | null = null;
  #timerAtMs = Number.POSITIVE_INFINITY;
  #hasStopped = false;

  constructor(replica: Replica, store: Store, clock: Clock, events: HostEvents) {
    this.#replica = replica;
    this.#store = store;
    this.#clock = clock;
    this.#events = events;
  }

  /** Takes part in the ensemble, from the place that its line says. */
  join(me: Member, settings: PeerNetworkSettings): void {
    const { ensemble } = this.#replica;
    assert(ensemble !== null, 'only a member has an ensemble');
    this.#me = me;
    this.#peers = new PeerNetwork(ensemble, this, settings);
    this.#peers.locate(me);
  }

  onClient(client: Accepted): void {
    if (this.#hasStopped) {
      client.socket.destroy();
      return;
    }
    this.#input();
    const id = this.#nextId;
    this.#nextId += 1;
    const { remoteAddress, remotePort } = client.socket;
    this.#sockets.set(id, new ClientSocket(id, client, this.#farewells, this));
    this.#guard(() => this.#replica.connected(id, plainAddress(remoteAddress), remotePort ?? 0));
  }

  onData(id: number, chunk: Uint8Array): void {
    this.#input();
    const startedMs = this.stats.begin();
    try {
      this.#replica.received(id, chunk);
    } catch (error) {
      this.#break(error);
    }
    this.stats.end(startedMs);
  }

  onEnded(id: number): void {
    this.#input();
    this.#guard(() => this.#replica.ended(id));
  }

  onClosed(id: number): void {
    this.#sockets.delete(id);
    this.#input();
    this.#guard(() => this.#replica.disconnected(id));
  }

  onProgress(output: ClientOutput, byteCount: number): void {
    this.#input();
    this.#replica.sent(output, byteCount);
  }

  onSent(output: ClientOutput, isLate: boolean): void {
    // What a slow client made wait may go on now; within a turn that is looked at anyway.
    if (isLate) this.#input();
    this.#replica.recycle(output);
  }

  onDone(ticket: number): void {
    this.#input();
    this.#guard(() => this.#replica.diskDone(ticket));
  }

  onFailed(what: string): void {
    this.#input();
    this.#guard(() => this.#replica.diskFailed(what));
  }

  onPeerInput(): void {
    this.#input();
  }

  onPeerBreak(error: unknown): void {
    this.#break(error);
  }

  onPeerNotice(level: LogLevel, text: string, facts: LogFacts): void {
    this.#events.onNotice({ kind: 'notice', level, text, facts });
  }

  onElectionPortFailed(reason: string): void {
    this.stop();
    this.#events.onElectionPortFailed(reason);
  }

  /** Runs something on the mind as an input of its own. */
  input(act: (replica: Replica) => void): void {
    this.#input();
    this.#guard(() => act(this.#replica));
  }

  /**
   * Ends in good order: what is under way is answered, then the other servers are hung up on, which
   * makes them look for a leader if this was it, and only then may a snapshot take its time. Neither
   * a disk nor others who never answer hold it up for ever.
   */
  async finish(): Promise<void> {
    this.input((replica) => replica.drain());
    await this.#until(() => this.#replica.isIdle, FINISH_WAIT_MS);
    // Nobody may believe any more that this server has a vote when they look for a leader.
    this.#peers?.close();
    this.input((replica) => replica.leave());
    await this.#until(() => !this.#isArmed, FINISH_WAIT_MS);
    await this.#until(() => this.#peers?.isAlone !== false, FAREWELL_WAIT_MS);
    await this.#until(() => !this.#replica.isTakingSnapshot, FINISH_WAIT_MS);
    this.stop();
  }

  /** Cuts every connection at once and runs no further turn. */
  stop(): void {
    this.#hasStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.stats.stop();
    this.#peers?.stop();
    for (const socket of this.#sockets.values()) socket.cut();
  }

  async #until(isSo: () => boolean, waitMs: number): Promise<void> {
    const untilMs = this.#clock.monotonicMs() + waitMs;
    while (!this.#hasStopped && !isSo() && this.#clock.monotonicMs() < untilMs) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  #input(): void {
    if (this.#isArmed || this.#hasStopped) return;
    this.#isArmed = true;
    this.#replica.begin(this.#clock.monotonicMs(), Math.floor(this.#clock.wallMs()));
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    this.#isArmed = false;
    if (this.#hasStopped) return;
    try {
      this.#take();
    } catch (error) {
      this.#break(error);
    }
  };

  /** A turn of the mind, and everything that leaves behind it. */
  #take(): void {
    const replica = this.#replica;
    const startedMs = this.stats.begin();
    replica.turn();
    this.stats.end(startedMs);
    for (const order of replica.takeDisk()) {
      if (order.kind === 'storeConfiguration') this.#relocate(order);
      this.#store.perform(order);
    }
    // A write to a socket takes as long as half a turn: whoever waits for an answer comes first, the
    // other servers are told of the commit behind it.
    for (const output of replica.takeClient()) {
      const socket = this.#sockets.get(output.connection);
      if (socket === undefined) replica.recycle(output);
      else socket.send(output);
    }
    if (this.#peers !== null) {
      this.#peers.take();
      this.#tellStandpoint();
    }
    for (const order of replica.takeOrders()) this.#perform(order);
    this.#armTimer(replica.wakeAt());
  }

  /** A change of the members may have moved this one. */
  #relocate({ name, ensemble }: StoreConfigurationOrder): void {
    if (name !== 'committed' || ensemble === null || this.#me === null) return;
    const me = memberOf(ensemble, this.#me.id);
    if (me === undefined) return;
    this.#me = me;
    this.#peers?.locate(me);
    this.#events.onRelocated(me);
  }

  #tellStandpoint(): void {
    const line = this.#standpoints.next(this.#replica.ensemble!.standpoint);
    if (line !== null) this.onPeerNotice('info', line.text, line.facts);
  }

  /** What arrives rarely is handed in like this; requests and turns guard themselves. */
  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#break(error);
    }
  }

  /** The mind found that it believed something untrue: it serves nobody from here on. */
  #break(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.stop();
    this.#events.onBroken(text);
  }

  #perform(order: Order): void {
    if (order.kind === 'close' || order.kind === 'cut') {
      if (order.reason !== null) this.#events.onClosed(order.connection, order.reason);
      const socket = this.#sockets.get(order.connection);
      if (order.kind === 'close') socket?.close(order.isWanted);
      else socket?.cut();
    } else if (order.kind === 'pause') this.#sockets.get(order.connection)?.pause();
    else if (order.kind === 'resume') this.#sockets.get(order.connection)?.resume();
    else if (order.kind === 'word') this.#events.onWord(order.connection, order.word);
    else if (order.kind === 'notice') this.#events.onNotice(order);
    else if (order.kind === 'stop') this.#events.onStop(order.reason);
  }

  /** A timer that fires early costs a turn; one that is moved at every turn costs more. */
  #armTimer(wakeAtMs: number): void {
    const inMs = wakeAtMs - this.#clock.monotonicMs();
    if (inMs < SPIN_MS) {
      this.#input();
      return;
    }
    if (this.#timer !== null && this.#timerAtMs <= wakeAtMs) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (wakeAtMs === Number.POSITIVE_INFINITY) return;
    this.#timerAtMs = wakeAtMs;
    this.#timer = setTimeout(this.#onTimer, Math.ceil(inMs));
  }

  readonly #onTimer = (): void => {
    this.#timer = null;
    this.#input();
  };
}
