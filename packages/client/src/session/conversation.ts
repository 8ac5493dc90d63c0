/**
 * What is asked, answered and watched in a session, on whichever link it is: requests and their
 * answers in order, identities, watches, pings. It knows no server and no state of the session; what
 * a frame means beyond itself it hands back as a turning.
 */
import {
  decodeSaslResponse,
  ErrorCode,
  encodeSaslRequest,
  errorName,
  JuteReader,
  JuteWriter,
  Opcode,
  Xid,
} from '@zabra/wire';
import { type LinkEnd, Outcome, type SessionRequest } from './contract.ts';
import type { Figures } from './figures.ts';
import { Flight, Role } from './flight.ts';
import { Flights } from './flights.ts';
import { Identities } from './identities.ts';
import type { Link } from './link.ts';
import type { Reports } from './reports.ts';
import type { SessionSettings } from './settings.ts';
import { type Unwatch, Watches } from './watches.ts';
import { ZxidMark } from './zxid-mark.ts';

const NO_BYTES = new Uint8Array(0);
const REPLY_HEADER_BYTES = 16;
const REQUEST_HEADER_BYTES = 8;
/** Pieces of the watches' replay on their way at a time. */
const REPLAY_PIECES_MAX = 4;

/** What a frame means for the link or for the session. */
export type Turning =
  | { readonly kind: 'link-ends'; readonly end: LinkEnd }
  | { readonly kind: 'auth-failed'; readonly scheme: string }
  | { readonly kind: 'closed'; readonly isEnded: boolean };

export class Conversation {
  /** What this client knows to have happened: a server that is behind it must not take it on. */
  readonly seen: ZxidMark = new ZxidMark();
  /**
   * Up to here all events have come. An event does not raise it, since others of the same
   * transaction may stand behind it; an answer does.
   */
  readonly #told = new ZxidMark();
  readonly #settings: SessionSettings;
  readonly #reports: Reports;
  readonly #figures: Figures;
  readonly #flights: Flights;
  readonly #watches: Watches;
  readonly #identities = new Identities();

  constructor(settings: SessionSettings, reports: Reports, figures: Figures) {
    this.#settings = settings;
    this.#reports = reports;
    this.#figures = figures;
    this.#flights = new Flights(settings);
    this.#watches = new Watches(reports, figures, settings.replayBytesMax);
  }

  get sentCount(): number {
    return this.#flights.sentCount;
  }

  /** How many callers wait for an answer to what was sent. */
  countAwaited(): number {
    return this.#flights.countAwaited();
  }

  get waitingCount(): number {
    return this.#flights.waitingCount;
  }

  get watchCount(): number {
    return this.#watches.count;
  }

  // What is asked.

  ask(request: SessionRequest, nowMs: number): void {
    const { token, opcode, body, watch } = request;
    const refusal = this.#refusalOf(request);
    if (refusal !== null) {
      this.#reports.failed(token, opcode, refusal, false);
      return;
    }
    const flight = new Flight(Role.User, token, opcode, body, watch, nowMs);
    this.#watches.onAsked(flight);
    this.#flights.add(flight);
  }

  abandon(token: number): void {
    const found = this.#flights.abandon(token);
    if (found === null) return;
    const { flight, wasSent } = found;
    if (!wasSent) this.#watches.onEnded(flight, null);
    this.#reports.failed(token, flight.opcode, Outcome.Abandoned, wasSent);
  }

  /** `isTold` if there is a server that has the watch, and may be asked to forget it. */
  unwatch(token: number, what: Unwatch, isTold: boolean, nowMs: number): void {
    const requests = this.#watches.unwatch(what);
    const byteCount = requests?.reduce((sum, { body }) => sum + body.length, 0) ?? 0;
    const hasRoom = this.#flights.hasRoomFor(byteCount);
    if (requests === null || requests.length === 0 || !isTold || !hasRoom) {
      const code = requests === null ? ErrorCode.NoWatcher : ErrorCode.Ok;
      this.#reports.answered(token, Opcode.RemoveWatches, code, 0, 0, null);
      return;
    }
    for (const [i, { opcode, body }] of requests.entries()) {
      const role = i < requests.length - 1 ? Role.Forget : Role.Unwatch;
      this.#flights.add(new Flight(role, token, opcode, body, undefined, nowMs));
    }
  }

  /** `link` is where identities can be proved now, if anywhere. */
  addAuth(
    token: number,
    scheme: string,
    proof: Uint8Array,
    link: Link | null,
    nowMs: number,
  ): void {
    if (this.#identities.isFull) {
      this.#reports.failed(token, Opcode.Auth, Outcome.Full, false);
      return;
    }
    const identity = { token, scheme, proof };
    this.#identities.add(identity);
    if (link === null) return;
    this.#identities.write(link.out, identity);
    this.#onWritten(link, 1, nowMs);
  }

  respond(saslToken: Uint8Array, link: Link, nowMs: number): void {
    const writer = new JuteWriter();
    encodeSaslRequest(writer, { token: saslToken });
    this.#send(Role.Sasl, Opcode.Sasl, writer.finish(), link, nowMs);
  }

  close(nowMs: number): void {
    const opcode = Opcode.CloseSession;
    this.#flights.add(new Flight(Role.Close, 0, opcode, NO_BYTES, undefined, nowMs));
  }

  // What comes on a link.

  /** A frame behind the greeting; what it means beyond itself. */
  onFrame(link: Link, frame: Uint8Array, nowMs: number): Turning | null {
    if (frame.length < REPLY_HEADER_BYTES) return nonsense(`a frame of ${frame.length} bytes`);
    const xid = int32(frame, 0);
    const high = int32(frame, 4);
    const low = int32(frame, 8);
    const code = int32(frame, 12);
    if (xid === Xid.Notification) return this.#onEvent(frame, high, low);
    if (xid === Xid.Ping) return this.#onPong(link, nowMs);
    if (xid === Xid.Auth) return this.#onAuthAnswer(code);
    return this.#onAnswer(xid, high, low, code, frame);
  }

  /** A list of children may be longer than anything that is asked: whoever asked has to know. */
  onBadLength(length: number): LinkEnd {
    const max = this.#settings.frameBytesMax;
    const first = this.#flights.firstSent();
    if (length > max && first?.role === Role.User) {
      this.#flights.shiftSent();
      this.#fail(first, Outcome.ReplyTooLarge, true);
    }
    return { kind: 'bad-bytes', detail: `a frame of ${length} bytes, where ${max} may be` };
  }

  #onEvent(frame: Uint8Array, high: number, low: number): Turning | null {
    const reader = JuteReader.over(frame.subarray(REPLY_HEADER_BYTES));
    if (!this.#watches.onEvent(reader, high, low)) return nonsense('an event that is none');
    this.seen.raise(high, low);
    return null;
  }

  #onPong(link: Link, nowMs: number): Turning | null {
    const tookMs = link.pulse.onPong(nowMs);
    if (!Number.isNaN(tookMs)) this.#figures.pingMs = tookMs;
    return null;
  }

  #onAuthAnswer(code: number): Turning | null {
    const answer = this.#identities.answer(code);
    if (answer === null) return nonsense('an answer to an identity that was not given');
    const { token, scheme } = answer.identity;
    if (code !== ErrorCode.Ok) return { kind: 'auth-failed', scheme };
    if (answer.isNews) this.#reports.answered(token, Opcode.Auth, code, 0, 0, null);
    return null;
  }

  #onAnswer(
    xid: number,
    high: number,
    low: number,
    code: number,
    frame: Uint8Array,
  ): Turning | null {
    const flight = this.#flights.answer(xid);
    if (flight === undefined) {
      return nonsense(`an answer with xid ${xid}, which is not the next`);
    }
    const { token, opcode, role } = flight;
    const body = code === ErrorCode.Ok ? frame.subarray(REPLY_HEADER_BYTES) : null;
    // Watches are not set yet: whatever zxid stands there, no event was told for it.
    if (role === Role.Sasl) return this.#onSaslAnswer(code, body);
    this.seen.raise(high, low);
    this.#told.raise(high, low);
    this.#watches.onEnded(flight, code);
    if (role === Role.User) {
      if (!flight.isAbandoned) this.#reports.answered(token, opcode, code, high, low, body);
    } else if (role === Role.Unwatch) this.#onForgotten(flight);
    else if (role === Role.Rearm) return this.#onPieceAnswered(code);
    else if (role === Role.Close) return { kind: 'closed', isEnded: code === ErrorCode.Ok };
    return null;
  }

  #onPieceAnswered(code: number): Turning | null {
    if (code === ErrorCode.Ok) {
      this.#watches.onPieceAnswered();
      return null;
    }
    const detail = `the watches were not set again: ${errorName(code)}`;
    return { kind: 'link-ends', end: { kind: 'turned-away', detail } };
  }

  #onSaslAnswer(code: number, body: Uint8Array | null): Turning | null {
    if (code !== ErrorCode.Ok || body === null) return { kind: 'auth-failed', scheme: 'sasl' };
    const response = decodeSaslResponse(JuteReader.over(body));
    if (response === null) return nonsense('a SASL token that is none');
    this.#reports.push({ kind: 'sasl', challenge: response.token, isFirst: false });
    return null;
  }

  // What is written on a link.

  /** On a new link: identities first, then watches, then what users ask. */
  begin(link: Link, nowMs: number): void {
    const count = this.#identities.writeAll(link.out);
    if (count > 0) this.#onWritten(link, count, nowMs);
    this.#watches.beginReplay(this.#told.high, this.#told.low);
  }

  write(link: Link, nowMs: number): void {
    while (this.#watches.isReplaying && this.#watches.unansweredPieces < REPLAY_PIECES_MAX) {
      const piece = this.#watches.nextPiece();
      if (piece !== null) this.#send(Role.Rearm, piece.opcode, piece.body, link, nowMs);
    }
    if (this.#watches.isReplaying) return;
    const count = this.#flights.sendWaiting(link.out);
    if (count > 0) this.#onWritten(link, count, nowMs);
  }

  ping(link: Link, nowMs: number): void {
    link.out.int(REQUEST_HEADER_BYTES);
    link.out.int(Xid.Ping);
    link.out.int(Opcode.Ping);
    link.pulse.onPing(nowMs);
    this.#figures.pingsSent += 1;
    this.#onWritten(link, 1, nowMs);
  }

  #send(role: Role, opcode: number, body: Uint8Array, link: Link, nowMs: number): void {
    this.#flights.send(new Flight(role, 0, opcode, body, undefined, nowMs), link.out);
    this.#onWritten(link, 1, nowMs);
  }

  #onWritten(link: Link, frameCount: number, nowMs: number): void {
    link.pulse.onSent(nowMs);
    this.#figures.framesSent += frameCount;
  }

  /** Why a request is not taken on, or null. */
  #refusalOf({ body, watch }: SessionRequest): Outcome | null {
    const byteCount = body.length + REQUEST_HEADER_BYTES;
    if (byteCount > this.#settings.requestBytesMax) return Outcome.RequestTooLarge;
    if (!this.#flights.hasRoomFor(byteCount)) return Outcome.Full;
    const { watchesMax } = this.#settings;
    return watch !== undefined && this.#watches.count >= watchesMax ? Outcome.Full : null;
  }

  // Ends.

  /**
   * Whether what was sent first has waited too long, so that its link is no longer to be trusted. It
   * keeps its place until the link is gone, but its caller waits no longer.
   */
  endLateSent(nowMs: number): boolean {
    const first = this.#flights.firstAsked();
    if (first === undefined || this.#timesOutAt(first) > nowMs) return false;
    this.#abandonLate(first);
    return true;
  }

  /** Ends what waits unsent and has waited too long: since it was asked, or without a connection. */
  endLateWaiting(nowMs: number, offlineSinceMs: number): void {
    for (;;) {
      const waiting = this.#flights.firstWaiting();
      if (waiting === undefined) return;
      const isLate = this.#timesOutAt(waiting) <= nowMs;
      if (!isLate && this.#waitsUntil(waiting, offlineSinceMs) > nowMs) return;
      this.#flights.shiftWaiting();
      this.#fail(waiting, isLate ? Outcome.TimedOut : Outcome.ConnectionLoss, false);
    }
  }

  #abandonLate(flight: Flight): void {
    const { role, token, opcode } = flight;
    if (role !== Role.User || flight.isAbandoned) return;
    flight.isAbandoned = true;
    this.#reports.failed(token, opcode, Outcome.TimedOut, true);
  }

  /** When `endLateSent` or `endLateWaiting` has something to do. */
  lateAt(offlineSinceMs: number): number {
    const sent = this.#flights.firstAsked();
    const waiting = this.#flights.firstWaiting();
    return Math.min(
      sent === undefined ? Number.POSITIVE_INFINITY : this.#timesOutAt(sent),
      waiting === undefined ? Number.POSITIVE_INFINITY : this.#timesOutAt(waiting),
      waiting === undefined ? Number.POSITIVE_INFINITY : this.#waitsUntil(waiting, offlineSinceMs),
    );
  }

  onLinkGone(): void {
    this.#identities.onLinkGone();
    this.#watches.onLinkGone();
  }

  failSent(outcome: Outcome): void {
    for (let flight = this.#flights.shiftSent(); flight; flight = this.#flights.shiftSent()) {
      this.#fail(flight, outcome, true);
    }
  }

  failWaiting(outcome: Outcome): void {
    for (let flight = this.#flights.shiftWaiting(); flight; flight = this.#flights.shiftWaiting()) {
      this.#fail(flight, outcome, false);
    }
  }

  /** Nothing will be answered any more, nor told of what was watched. */
  failAll(outcome: Outcome): void {
    this.failSent(outcome);
    this.failWaiting(outcome);
    this.#watches.end();
    for (const { token } of this.#identities.takeUntold()) {
      this.#reports.failed(token, Opcode.Auth, outcome, false);
    }
  }

  #fail(flight: Flight, outcome: Outcome, wasSent: boolean): void {
    this.#watches.onEnded(flight, null);
    const { token, opcode, role } = flight;
    if (role === Role.Unwatch) this.#onForgotten(flight);
    if (role !== Role.User || flight.isAbandoned) return;
    this.#reports.failed(token, opcode, outcome, wasSent);
  }

  /** Whatever the server says, or if it says nothing: the watch is gone here and not set again. */
  #onForgotten({ token, opcode }: Flight): void {
    this.#reports.answered(token, opcode, ErrorCode.Ok, 0, 0, null);
  }

  #timesOutAt(flight: Flight): number {
    return flight.askedMs + this.#settings.requestTimeoutMs;
  }

  #waitsUntil({ askedMs }: Flight, offlineSinceMs: number): number {
    const { offlineWaitMs } = this.#settings;
    if (offlineWaitMs === 0) return Number.POSITIVE_INFINITY;
    return Math.max(askedMs, offlineSinceMs) + offlineWaitMs;
  }
}

/** An answer's header is read where it lies, without a view made for it. */
function int32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

function nonsense(detail: string): Turning {
  return { kind: 'link-ends', end: { kind: 'bad-bytes', detail } };
}
