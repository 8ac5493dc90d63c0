/**
 * The wires between the members of a script: each delivers in order, and none while it is cut. A wire
 * that was cut stays dead; both ends hear of it when the cut is mended.
 */
import { asServerId } from '@zabra/wire';
import type { QuorumOrder } from '@zabra/zab';
import type { MemberBody } from './member-body.ts';

/** At which followers feed observers, where they do. */
const OBSERVER_PORT = 2191;

type Port = 'quorum' | 'election';

type QuorumDial = QuorumOrder & { readonly kind: 'dial' };

interface End {
  readonly server: number;
  readonly link: number;
}

interface Wire {
  readonly port: Port;
  readonly ends: readonly [End, End];
  isDead: boolean;
}

interface Delivery {
  readonly to: number;
  act(body: MemberBody): void;
}

export class MemberNet {
  readonly #bodies: Map<number, MemberBody>;
  readonly #wires: Wire[] = [];
  readonly #listening = new Set<number>();
  /** Who listens at the port for observers. */
  readonly #feeding = new Set<number>();
  #deliveries: Delivery[] = [];
  /** Who can reach each other: one group for each side. */
  #sides: readonly (readonly number[])[] = [];
  /** How many bytes more reach a server whose wire is about to break. */
  readonly #torn = new Map<number, number>();
  #links = 0;
  /** What has come on links of the quorum port that are not read. */
  readonly #unread = new Map<number, Delivery[]>();

  constructor(bodies: Map<number, MemberBody>) {
    this.#bodies = bodies;
  }

  /** Takes what a member has to send, and what it wants of its ports. */
  collect(body: MemberBody): void {
    const { door, id } = body;
    for (const output of door.takeElection()) {
      const bytes = output.bytes.slice();
      this.#carry('election', id, output.link, bytes);
      this.#deliver(id, (own) => own.door.electionFlushed(output.link));
    }
    for (const order of door.takeElectionOrders()) {
      if (order.kind === 'dial') this.#callElection(id, Number(order.to));
      else this.#hangUp('election', id, order.link);
    }
    for (const output of door.takeQuorum()) {
      for (const piece of output.pieces) this.#carry('quorum', id, output.link, piece.slice());
      body.sent(output);
    }
    for (const order of door.takeQuorumOrders()) {
      if (order.kind === 'listen') this.#listening.add(id);
      else if (order.kind === 'stopListening') this.#listening.delete(id);
      else if (order.kind === 'listenToObservers') this.#feeding.add(id);
      else if (order.kind === 'stopListeningToObservers') this.#feeding.delete(id);
      else if (order.kind === 'dial') this.#callQuorum(id, order);
      else if (order.kind === 'close') this.#hangUp('quorum', id, order.link);
      else if (order.kind === 'pause') this.#unread.set(order.link, []);
      else if (order.kind === 'resume') this.#readAgain(order.link);
    }
  }

  /** Whether something is on its way. */
  get isBusy(): boolean {
    return this.#deliveries.length > 0;
  }

  /** Delivers what is on its way; false where nothing was. */
  deliver(nowMs: number): boolean {
    const deliveries = this.#deliveries;
    this.#deliveries = [];
    for (const { to, act } of deliveries) {
      const body = this.#bodies.get(to);
      if (body === undefined) continue;
      body.begin(nowMs);
      act(body);
    }
    return deliveries.length > 0;
  }

  /** `[[1], [2, 3]]`: only servers of one side reach each other. */
  partition(sides: readonly (readonly number[])[]): void {
    this.#sides = sides;
    for (const wire of this.#wires) {
      const [one, other] = wire.ends;
      if (!this.#areTogether(one.server, other.server)) wire.isDead = true;
    }
  }

  /** Of what this server is sent on the quorum port, so much comes; then the wire breaks. */
  tear(server: number, byteCount: number): void {
    this.#torn.set(server, byteCount);
  }

  mend(): void {
    this.#sides = [];
    for (const wire of this.#wires.filter(({ isDead }) => isDead)) this.#drop(wire, null);
  }

  /** A server is gone, and all its wires with it. */
  leave(server: number): void {
    this.#listening.delete(server);
    this.#feeding.delete(server);
    for (const wire of this.#wires.filter((one) => one.ends.some((end) => end.server === server))) {
      this.#drop(wire, server);
    }
  }

  #areTogether(one: number, other: number): boolean {
    if (this.#sides.length === 0) return true;
    return this.#sides.some((side) => side.includes(one) && side.includes(other));
  }

  #callElection(from: number, to: number): void {
    const link = this.#connect('election', from, to);
    if (link === null) {
      this.#deliver(from, (body) => body.door.electionDialFailed(asServerId(BigInt(to))));
      return;
    }
    this.#deliver(from, (body) => body.door.electionOpened(link, asServerId(BigInt(to))));
    this.#deliver(to, (body) => body.door.electionOpened(link + 1, null));
  }

  #callQuorum(from: number, { id, dial, addresses }: QuorumDial): void {
    const to = Number(id);
    const isForObservers = addresses[0]?.quorumPort === OBSERVER_PORT;
    const listening = isForObservers ? this.#feeding : this.#listening;
    const link = listening.has(to) ? this.#connect('quorum', from, to) : null;
    if (link === null) {
      this.#deliver(from, (body) => body.door.dialFailed(dial));
      return;
    }
    this.#deliver(to, (body) => body.door.quorumOpened(link + 1));
    this.#deliver(from, (body) => body.door.dialed(dial, link));
  }

  /** The link's number at the caller; at the other end it is one more. */
  #connect(port: Port, from: number, to: number): number | null {
    if (!this.#bodies.has(to) || !this.#areTogether(from, to)) return null;
    const link = this.#links + 1;
    this.#links += 2;
    const ends = [
      { server: from, link },
      { server: to, link: link + 1 },
    ] as const;
    this.#wires.push({ port, ends, isDead: false });
    return link;
  }

  #carry(port: Port, from: number, link: number, bytes: Uint8Array): void {
    const wire = this.#wireOf(port, from, link);
    if (wire === undefined || wire.isDead) return;
    const end = wire.ends.find((one) => one.server !== from)!;
    const left = port === 'quorum' ? this.#torn.get(end.server) : undefined;
    if (left !== undefined && bytes.length > left) {
      this.#torn.delete(end.server);
      if (left > 0) this.#bring(wire, end, bytes.slice(0, left));
      this.#drop(wire, null);
      return;
    }
    if (left !== undefined) this.#torn.set(end.server, left - bytes.length);
    this.#bring(wire, end, bytes);
  }

  #bring(wire: Wire, end: End, bytes: Uint8Array): void {
    this.#bringTo(wire, end, ({ door }) => {
      if (wire.isDead) return;
      if (wire.port === 'quorum') door.quorumReceived(end.link, bytes);
      else door.electionReceived(end.link, bytes);
    });
  }

  /** Who does not read does not hear of an end either. */
  #bringTo({ port }: Wire, { server, link }: End, act: Delivery['act']): void {
    const unread = port === 'quorum' ? this.#unread.get(link) : undefined;
    if (unread === undefined) this.#deliver(server, act);
    else unread.push({ to: server, act });
  }

  #readAgain(link: number): void {
    const unread = this.#unread.get(link) ?? [];
    this.#unread.delete(link);
    this.#deliveries.push(...unread);
  }

  #hangUp(port: Port, from: number, link: number): void {
    const wire = this.#wireOf(port, from, link);
    if (wire !== undefined && !wire.isDead) this.#drop(wire, from);
  }

  #drop(wire: Wire, by: number | null): void {
    this.#wires.splice(this.#wires.indexOf(wire), 1);
    for (const { server, link } of wire.ends) {
      if (server === by) continue;
      this.#bringTo(wire, { server, link }, ({ door }) => {
        if (wire.port === 'quorum') door.quorumClosed(link);
        else door.electionClosed(link);
      });
    }
  }

  #wireOf(port: Port, server: number, link: number): Wire | undefined {
    return this.#wires.find(
      (wire) =>
        wire.port === port && wire.ends.some((end) => end.server === server && end.link === link),
    );
  }

  #deliver(to: number, act: Delivery['act']): void {
    this.#deliveries.push({ to, act });
  }
}
