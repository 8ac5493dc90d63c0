/**
 * The body of one session in a world of machines: it does for it what Node's sockets and timers do.
 * It calls servers, hands bytes in and out, and hands on what the session tells. The session is the
 * one that ships.
 */
import {
  type Endpoint,
  type Order,
  type Report,
  Session,
  type SessionSettings,
} from '@zabra/client/session';
import type { DialFailure } from '../network/end.ts';
import type { Network } from '../network/network.ts';
import { Port } from '../process/actor.ts';
import { Outbox } from '../process/outbox.ts';
import type { Tap, Witness } from './witness.ts';

/** A machine that its sessions share: its calls are numbered together. */
export interface Phone {
  readonly host: number;
  readonly network: Network;
  nextDial(): number;
  nextConnection(): number;
  /** A session that has seen so much of the past has come to a server. */
  meets(server: number, seen: bigint): void;
}

interface Line {
  /** The call's number, until it was answered. */
  dial: number | null;
  /** The network's name for the connection. */
  link: number | null;
  tap: Tap | null;
}

/** The session gives up calls sooner. */
const DIAL_TIMEOUT_MS = 30_000;
const FIRST_PORT = 2181;

/** The servers of a world, by the numbers of their machines. */
export function endpointsOf(serverCount: number): Endpoint[] {
  return Array.from({ length: serverCount }, (_, i) => ({ host: 'server', port: FIRST_PORT + i }));
}

export class SessionBody {
  readonly session: Session;
  readonly witness: Witness;
  /** It leaves its next connection without a word to anybody. */
  leavesInSilence = false;
  readonly #phone: Phone;
  readonly #outbox: Outbox;
  readonly #lines = new Map<number, Line>();

  constructor(settings: SessionSettings, witness: Witness, phone: Phone) {
    this.session = new Session(settings);
    this.witness = witness;
    this.#phone = phone;
    this.#outbox = new Outbox(phone.network);
  }

  /** Takes in the time, before anything else of a turn. */
  begin(): void {
    this.session.begin(this.witness.nowMs);
  }

  /** Lets the session decide, does what it orders and returns what it tells. */
  turn(): readonly Report[] {
    const { session, witness } = this;
    session.turn();
    for (const order of session.takeOrders()) this.#perform(order);
    const reports = session.takeReports();
    for (const report of reports) witness.onTold(report);
    for (const { link, bytes } of session.takeOutput()) this.#send(link, bytes);
    return reports;
  }

  /** The machine it is connected to. */
  get server(): number | null {
    const { server } = this.session;
    return server === null ? null : server.port - FIRST_PORT;
  }

  setReading(isReading: boolean): void {
    for (const { link } of this.#lines.values()) {
      if (link !== null) this.#phone.network.setReading(link, isReading);
    }
  }

  // What the network has for it; each call tells whether it was meant.

  dialed(dial: number, link: number): boolean {
    const id = this.#callOf(dial);
    if (id === null) return false;
    const line = this.#lines.get(id)!;
    line.dial = null;
    line.link = link;
    const server = this.#phone.network.hostOf(link ^ 1);
    line.tap = this.witness.tap(this.#phone.nextConnection(), server);
    this.#outbox.open(link);
    const { high, low } = this.session.lastZxid;
    this.#phone.meets(server, (BigInt(high) << 32n) | BigInt(low >>> 0));
    this.session.connected(id);
    return true;
  }

  dialFailed(dial: number, failure: DialFailure): boolean {
    const id = this.#callOf(dial);
    if (id === null) return false;
    this.#lines.delete(id);
    this.session.disconnected(id, failure);
    return true;
  }

  /** The bytes are borrowed for the call. */
  received(link: number, bytes: Uint8Array): boolean {
    const id = this.#lineOf(link);
    if (id === null) return false;
    const chunk = bytes.slice();
    this.#lines.get(id)!.tap!.heard(chunk);
    this.session.received(id, chunk);
    return true;
  }

  gone(link: number, why: string): boolean {
    const id = this.#lineOf(link);
    if (id === null) return false;
    this.#lines.delete(id);
    this.#outbox.forget(link);
    this.session.disconnected(id, why);
    return true;
  }

  hasRoom(link: number): void {
    this.#outbox.pump(link);
  }

  #perform(order: Order): void {
    const { network, host } = this.#phone;
    if (order.kind === 'connect') {
      const dial = this.#phone.nextDial();
      this.#lines.set(order.link, { dial, link: null, tap: null });
      const server = order.endpoint.port - FIRST_PORT;
      network.dial(host, server, Port.Client, dial, DIAL_TIMEOUT_MS);
      return;
    }
    const line = this.#lines.get(order.link);
    if (line === undefined) return;
    this.#lines.delete(order.link);
    if (line.dial !== null) network.hangUp(host, line.dial);
    if (line.link === null) return;
    this.#outbox.forget(line.link);
    if (!this.leavesInSilence) network.close(line.link);
    this.leavesInSilence = false;
  }

  #send(id: number, bytes: Uint8Array): void {
    const line = this.#lines.get(id);
    if (line === undefined || line.link === null) return;
    line.tap!.said(bytes);
    this.#outbox.send(line.link, bytes, bytes.length);
  }

  #callOf(dial: number): number | null {
    for (const [id, line] of this.#lines) if (line.dial === dial) return id;
    return null;
  }

  #lineOf(link: number): number | null {
    for (const [id, line] of this.#lines) if (line.link === link) return id;
    return null;
  }
}
