/**
 * All requests that have no end yet, in the order in which they were asked: those in flight, which
 * are answered in this order, and behind them those that wait for a connection or for room. Both
 * are bounded. It knows nothing of links but the writer it is given.
 */
import { assert, type JuteWriter, Xid } from '@zabra/wire';
import { Fifo } from './fifo.ts';
import { type Flight, Role } from './flight.ts';
import type { SessionSettings } from './settings.ts';

const XID_MAX = 0x7fffffff;

export class Flights {
  readonly #settings: SessionSettings;
  readonly #waiting = new Fifo<Flight>();
  readonly #sent = new Fifo<Flight>();
  #waitingBytes = 0;
  #sentBytes = 0;
  #nextXid: number;

  constructor(settings: SessionSettings) {
    this.#settings = settings;
    this.#nextXid = settings.firstXid;
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  get sentCount(): number {
    return this.#sent.length;
  }

  /** Requests of users in flight whose callers still wait. */
  countAwaited(): number {
    return this.#sent.count(({ role, isAbandoned }) => role === Role.User && !isAbandoned);
  }

  hasRoomFor(byteCount: number): boolean {
    const { waitingRequestsMax, waitingBytesMax } = this.#settings;
    if (this.#waiting.length >= waitingRequestsMax) return false;
    return this.#waitingBytes + byteCount <= waitingBytesMax;
  }

  add(flight: Flight): void {
    this.#waiting.push(flight);
    this.#waitingBytes += flight.byteCount;
  }

  /** Writes as many of those that wait as may be in flight together; how many. */
  sendWaiting(writer: JuteWriter): number {
    let count = 0;
    for (;;) {
      const flight = this.#waiting.first();
      if (flight === undefined) return count;
      if (!flight.isAbandoned && !this.#fits(flight)) return count;
      this.#shiftWaiting();
      if (flight.isAbandoned) continue;
      this.send(flight, writer);
      count += 1;
    }
  }

  /** Writes one request at once, ahead of those that wait. */
  send(flight: Flight, writer: JuteWriter): void {
    flight.xid = flight.role === Role.Rearm ? Xid.SetWatches : this.#takeXid();
    writer.reserve(4 + flight.byteCount);
    writer.int(flight.byteCount);
    writer.int(flight.xid);
    writer.int(flight.opcode);
    writer.bytes.set(flight.body, writer.position);
    writer.position += flight.body.length;
    this.#sent.push(flight);
    this.#sentBytes += flight.byteCount;
  }

  /** The request that an answer with this xid is for; undefined if no such answer is owed next. */
  answer(xid: number): Flight | undefined {
    return this.#sent.first()?.xid === xid ? this.shiftSent() : undefined;
  }

  /** The oldest in flight, which is then no longer. */
  shiftSent(): Flight | undefined {
    const flight = this.#sent.shift();
    if (flight !== undefined) this.#sentBytes -= flight.byteCount;
    assert(this.#sentBytes >= 0, 'bytes in flight are counted');
    return flight;
  }

  /** The oldest that waits, which then does no longer. */
  shiftWaiting(): Flight | undefined {
    for (;;) {
      const flight = this.#shiftWaiting();
      if (flight === undefined || !flight.isAbandoned) return flight;
    }
  }

  firstSent(): Flight | undefined {
    return this.#sent.first();
  }

  /** The oldest in flight that somebody asked for; watches that are set again stand before it. */
  firstAsked(): Flight | undefined {
    return this.#sent.find(({ role }) => role !== Role.Rearm);
  }

  firstWaiting(): Flight | undefined {
    while (this.#waiting.first()?.isAbandoned === true) this.#shiftWaiting();
    return this.#waiting.first();
  }

  /** Marks the request of this token; it keeps its place if it was sent. */
  abandon(token: number): { readonly flight: Flight; readonly wasSent: boolean } | null {
    const isIt = (flight: Flight): boolean =>
      flight.token === token && flight.role === Role.User && !flight.isAbandoned;
    const sent = this.#sent.find(isIt);
    const flight = sent ?? this.#waiting.find(isIt);
    if (flight === undefined) return null;
    flight.isAbandoned = true;
    return { flight, wasSent: sent !== undefined };
  }

  #fits(flight: Flight): boolean {
    const { inFlightRequestsMax, inFlightBytesMax } = this.#settings;
    if (this.#sent.length >= inFlightRequestsMax) return false;
    return this.#sent.length === 0 || this.#sentBytes + flight.byteCount <= inFlightBytesMax;
  }

  #shiftWaiting(): Flight | undefined {
    const flight = this.#waiting.shift();
    if (flight !== undefined) this.#waitingBytes -= flight.byteCount;
    return flight;
  }

  #takeXid(): number {
    const xid = this.#nextXid;
    this.#nextXid = xid === XID_MAX ? 1 : xid + 1;
    return xid;
  }
}
