/**
 * The sockets between the servers of an ensemble: the election port, which is always listened to, the
 * quorum port, which is while this server leads, the port for observers, which is while it feeds some,
 * and the calls to others. It hands in what
 * arrives and does what it is told to; who is called when, and whose connection is kept, is the
 * mind's business.
 */
import type { Member, PeerAddress, ServerAddress, ServerId } from '@zabra/wire';
import type { LogFacts, LogLevel } from '../log.ts';
import type { Accepted } from '../net/accept.ts';
import { Farewells } from '../net/farewells.ts';
import { type Call, Dialer } from './dialer.ts';
import { type LookUp, NameResolver } from './name-resolver.ts';
import type {
  ElectionOrder,
  ElectionOutput,
  PeerDoor,
  QuorumOrder,
  QuorumOutput,
} from './peer-door.ts';
import { PeerLinks } from './peer-links.ts';
import { PeerListener, type PeerListenerOptions } from './peer-listener.ts';
import { Unreached } from './unreached.ts';

const ELECTION_PORT = 'election port';
const QUORUM_PORT = 'quorum port';
const OBSERVER_PORT = 'port for observers';

export interface PeerNetworkSettings {
  /** How long a call to an election port may take. */
  readonly electionCallMs: number;
  /** How often the election port is tried that cannot be bound; 0 is for ever. */
  readonly bindTriesMax: number;
  /** At all addresses of the machine rather than those of this server's own line. */
  readonly listensOnAll: boolean;
  /** Whether the system looks after connections that are silent. */
  readonly keepAlive: boolean;
  /** Where this server listens to observers while it feeds some; 0 is nowhere. */
  readonly observerMasterPort: number;
  /** How names are looked up; as the system does it where undefined. */
  readonly lookUp?: LookUp;
}

/** The loop around the mind. */
export interface PeerLoop {
  /** Something is about to be handed in: a turn follows. */
  onPeerInput(): void;
  /** A call of the mind threw. */
  onPeerBreak(error: unknown): void;
  onPeerNotice(level: LogLevel, text: string, facts: LogFacts): void;
  /** No other server can ever reach this one: it cannot be a member. */
  onElectionPortFailed(reason: string): void;
}

export class PeerNetwork {
  readonly #door: PeerDoor;
  readonly #loop: PeerLoop;
  readonly #settings: PeerNetworkSettings;
  readonly #resolver: NameResolver;
  readonly #dialer: Dialer;
  readonly #farewells = new Farewells();
  readonly #unreached = new Unreached();
  readonly #quorumLinks: PeerLinks<QuorumOutput>;
  readonly #electionLinks: PeerLinks<ElectionOutput>;
  readonly #quorumCalls = new Map<number, Call>();
  readonly #electionCalls = new Map<ServerId, Call>();
  #addresses: readonly PeerAddress[] = [];
  #quorumListener: PeerListener | null = null;
  #electionListener: PeerListener | null = null;
  #observerListener: PeerListener | null = null;
  #hasStopped = false;

  constructor(door: PeerDoor, loop: PeerLoop, settings: PeerNetworkSettings) {
    this.#door = door;
    this.#loop = loop;
    this.#settings = settings;
    const { lookUp, keepAlive } = settings;
    const resolver = new NameResolver(lookUp);
    this.#resolver = resolver;
    this.#dialer = new Dialer({ resolver, keepAlive });
    this.#quorumLinks = new PeerLinks(this.#farewells, {
      onReceived: (link, chunk) => this.#onQuorumReceived(link, chunk),
      onClosed: (link) => this.#handIn(() => door.quorumClosed(link)),
      onSent: (output, isLate) => this.#onQuorumSent(output, isLate),
    });
    this.#electionLinks = new PeerLinks(this.#farewells, {
      onReceived: (link, chunk) => this.#handIn(() => door.electionReceived(link, chunk)),
      onClosed: (link) => this.#handIn(() => door.electionClosed(link)),
      onSent: ({ link }, isLate) => this.#onElectionSent(link, isLate),
    });
  }

  /** Listens for votes where this member's line says; again, when a configuration has moved it. */
  locate({ addresses }: Member): void {
    if (this.#hasStopped || isSame(addresses, this.#addresses)) return;
    this.#addresses = addresses;
    this.#electionListener?.close();
    this.#electionListener = this.#listen(
      addresses.map(({ host, electionPort }) => ({ host, port: electionPort })),
      { portName: ELECTION_PORT, triesMax: this.#settings.bindTriesMax, waitsForNames: true },
      (accepted) => this.#onElectionCaller(accepted),
      (reason) => this.#loop.onElectionPortFailed(reason),
    );
  }

  /** Everything the mind has to say after a turn: what is to be sent, then what is to be done. */
  take(): void {
    const door = this.#door;
    for (const output of door.takeQuorum()) {
      this.#quorumLinks.send(output.link, output.pieces, output);
    }
    for (const order of door.takeQuorumOrders()) this.#performQuorum(order);
    for (const output of door.takeElection()) {
      this.#electionLinks.send(output.link, [output.bytes], output);
    }
    for (const order of door.takeElectionOrders()) this.#performElection(order);
  }

  /** Nobody reaches this server any more; links that there are go on. */
  close(): void {
    this.#electionListener?.close();
    this.#closeQuorumPort();
    this.#closeObserverPort();
    for (const call of this.#electionCalls.values()) call.giveUp();
    this.#electionCalls.clear();
  }

  /** Whether everybody who was hung up on has gone. */
  get isAlone(): boolean {
    return this.#farewells.isEmpty;
  }

  /** Cuts everything, and hands nothing in any more. */
  stop(): void {
    this.#hasStopped = true;
    this.#electionListener?.close();
    this.#quorumListener?.close();
    this.#observerListener?.close();
    for (const call of this.#electionCalls.values()) call.giveUp();
    for (const call of this.#quorumCalls.values()) call.giveUp();
    this.#electionLinks.cutAll();
    this.#quorumLinks.cutAll();
    this.#resolver.close();
  }

  // Orders.

  #performQuorum(order: QuorumOrder): void {
    if (order.kind === 'listen') this.#openQuorumPort();
    else if (order.kind === 'stopListening') this.#closeQuorumPort();
    else if (order.kind === 'listenToObservers') this.#openObserverPort();
    else if (order.kind === 'stopListeningToObservers') this.#closeObserverPort();
    else if (order.kind === 'close') this.#quorumLinks.close(order.link);
    else if (order.kind === 'hangUp') {
      this.#quorumCalls.get(order.dial)?.giveUp();
      this.#quorumCalls.delete(order.dial);
    } else if (order.kind === 'dial') this.#callLeader(order);
    else this.#quorumLinks.setReading(order.link, order.kind === 'resume');
  }

  #performElection(order: ElectionOrder): void {
    if (order.kind === 'dial') this.#callElector(order.to, order.addresses);
    else {
      const peer = this.#electionLinks.close(order.link);
      if (peer === null || order.reason === null) return;
      this.#loop.onPeerNotice('warn', 'hung up on a server', { peer, reason: order.reason });
    }
  }

  #openQuorumPort(): void {
    this.#closeQuorumPort();
    this.#quorumListener = this.#listen(
      this.#addresses.map(({ host, quorumPort }) => ({ host, port: quorumPort })),
      { portName: QUORUM_PORT, triesMax: 1, waitsForNames: false },
      (accepted) => this.#onQuorumCaller(accepted),
      (reason) => this.#handIn(() => this.#door.listenFailed(reason)),
    );
  }

  #closeQuorumPort(): void {
    this.#quorumListener?.close();
    this.#quorumListener = null;
  }

  /** It follows with or without observers, so the port is tried until it can be bound. */
  #openObserverPort(): void {
    this.#closeObserverPort();
    const port = this.#settings.observerMasterPort;
    this.#observerListener = this.#listen(
      this.#addresses.map(({ host }) => ({ host, port })),
      { portName: OBSERVER_PORT, triesMax: 0, waitsForNames: true },
      (accepted) => this.#onQuorumCaller(accepted),
      () => {},
    );
  }

  #closeObserverPort(): void {
    this.#observerListener?.close();
    this.#observerListener = null;
  }

  #listen(
    addresses: readonly ServerAddress[],
    options: Pick<PeerListenerOptions, 'portName' | 'triesMax' | 'waitsForNames'>,
    onAccepted: (accepted: Accepted) => void,
    onFailed: (reason: string) => void,
  ): PeerListener {
    const { keepAlive, listensOnAll } = this.#settings;
    const listener = new PeerListener(
      { ...options, resolver: this.#resolver, keepAlive, listensOnAll },
      {
        onAccepted,
        onFailed,
        onBound: () => this.#loop.onPeerNotice('info', `the ${options.portName} is open`, {}),
        onNotice: (text) => this.#loop.onPeerNotice('warn', text, {}),
      },
    );
    listener.open(addresses);
    return listener;
  }

  #callLeader({ dial, id, addresses, timeoutMs }: QuorumOrder & { kind: 'dial' }): void {
    const places = addresses.map(({ host, quorumPort }) => ({ host, port: quorumPort }));
    const call = this.#dialer.call(places, timeoutMs, {
      onAnswered: (dialled) => {
        this.#quorumCalls.delete(dial);
        this.#unreached.reached(placeOf(id, QUORUM_PORT));
        this.#handIn(() => this.#door.dialed(dial, this.#quorumLinks.add(dialled)));
      },
      onFailed: (reason) => {
        this.#quorumCalls.delete(dial);
        this.#tellUnreached(id, QUORUM_PORT, reason);
        this.#handIn(() => this.#door.dialFailed(dial));
      },
    });
    this.#quorumCalls.set(dial, call);
  }

  #callElector(to: ServerId, addresses: readonly ServerAddress[]): void {
    this.#electionCalls.get(to)?.giveUp();
    const call = this.#dialer.call(addresses, this.#settings.electionCallMs, {
      onAnswered: (dialled) => {
        this.#electionCalls.delete(to);
        this.#unreached.reached(placeOf(to, ELECTION_PORT));
        this.#handIn(() => this.#door.electionOpened(this.#electionLinks.add(dialled), to));
      },
      onFailed: (reason) => {
        this.#electionCalls.delete(to);
        this.#tellUnreached(to, ELECTION_PORT, reason);
        this.#handIn(() => this.#door.electionDialFailed(to));
      },
    });
    this.#electionCalls.set(to, call);
  }

  #tellUnreached(id: ServerId, port: string, reason: string): void {
    if (!this.#unreached.isNews(placeOf(id, port), reason, performance.now())) return;
    this.#loop.onPeerNotice('info', 'cannot reach a server', { id: String(id), port, reason });
  }

  // What happens.

  #onElectionCaller(accepted: Accepted): void {
    if (this.#hasStopped || this.#electionLinks.isFull) accepted.socket.destroy();
    else this.#handIn(() => this.#door.electionOpened(this.#electionLinks.add(accepted), null));
  }

  #onQuorumCaller(accepted: Accepted): void {
    if (this.#hasStopped || this.#quorumLinks.isFull) accepted.socket.destroy();
    else this.#handIn(() => this.#door.quorumOpened(this.#quorumLinks.add(accepted)));
  }

  /** The way of every proposal and every acknowledgement. */
  #onQuorumReceived(link: number, chunk: Uint8Array): void {
    if (this.#hasStopped) return;
    this.#loop.onPeerInput();
    try {
      this.#door.quorumReceived(link, chunk);
    } catch (error) {
      this.#loop.onPeerBreak(error);
    }
  }

  /** What waited for it may go now; within a turn that is looked at anyway. */
  #onQuorumSent(output: QuorumOutput, isLate: boolean): void {
    if (isLate) this.#handIn(() => this.#door.recycleQuorum(output));
    else this.#door.recycleQuorum(output);
  }

  #onElectionSent(link: number, isLate: boolean): void {
    if (isLate) this.#handIn(() => this.#door.electionFlushed(link));
    else this.#door.electionFlushed(link);
  }

  #handIn(act: () => void): void {
    if (this.#hasStopped) return;
    this.#loop.onPeerInput();
    try {
      act();
    } catch (error) {
      this.#loop.onPeerBreak(error);
    }
  }
}

function placeOf(id: ServerId, port: string): string {
  return `${id} ${port}`;
}

function isSame(some: readonly PeerAddress[], others: readonly PeerAddress[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ host, quorumPort, electionPort }, index) => {
      const other = others[index]!;
      return (
        host === other.host &&
        quorumPort === other.quorumPort &&
        electionPort === other.electionPort
      );
    })
  );
}
