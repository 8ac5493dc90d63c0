/**
 * The switchboard of a session: from what the body tells to what it is given to do. It knows on
 * which server the session is, when to try another, and when the session has come to its end; what
 * is asked, answered and watched is the conversation's.
 *
 * Calls return nothing. `turn` decides whatever time decides, and writes what has room; the `take`
 * calls empty what has come of it. Nothing that a server sends is thrown: bytes that make no sense
 * end the link, with a reason.
 */
import { ErrorCode, Opcode } from '@zabra/wire';
import { Backoff } from './backoff.ts';
import { Chance } from './chance.ts';
import {
  type Credentials,
  type Endpoint,
  formatEndpoint,
  type LinkEnd,
  type LinkOutput,
  type Order,
  Outcome,
  type Report,
  type SessionRequest,
  type SessionState,
  type StatusReport,
} from './contract.ts';
import { Conversation, type Turning } from './conversation.ts';
import { Figures } from './figures.ts';
import { type Greeting, type Hello, judgeGreeting, writeHello } from './handshake.ts';
import { HostList } from './host-list.ts';
import { Link } from './link.ts';
import { Outage } from './outage.ts';
import { ReadWriteSearch } from './read-write-search.ts';
import { Reports } from './reports.ts';
import type { SessionSettings } from './settings.ts';
import { StallGuard } from './stall-guard.ts';
import type { Unwatch } from './watches.ts';

const NEVER = Number.POSITIVE_INFINITY;
/** However many servers there are, one of them gets so long for a handshake. */
const CONNECT_MS_MIN = 500;

type EndState = 'lost' | 'auth-failed' | 'closed';

const endOutcomes: Readonly<Record<EndState, Outcome>> = {
  lost: Outcome.SessionLost,
  'auth-failed': Outcome.AuthFailed,
  closed: Outcome.Closed,
};

/** The next attempt. */
interface Plan {
  readonly endpoint: Endpoint;
  readonly atMs: number;
}

export class Session {
  readonly figures: Figures = new Figures();
  readonly #settings: SessionSettings;
  readonly #hosts: HostList;
  readonly #backoff: Backoff;
  readonly #reports: Reports;
  readonly #conversation: Conversation;
  readonly #outage = new Outage();
  readonly #stall = new StallGuard();
  #orders: Order[] = [];
  #state: SessionState = 'new';
  #end: EndState | null = null;
  #credentials: Credentials | null;
  /** The credentials are those of the ensemble, not of one server that only reads. */
  #isGlobal: boolean;
  #timeoutMs: number;
  #nowMs = 0;
  #startedMs = 0;
  /** When a server that greeted was heard last; null before the first. */
  #heardMs: number | null = null;
  #link: Link | null = null;
  #plan: Plan | null = null;
  #linkCount = 0;
  #attempt = 0;
  #search: ReadWriteSearch | null = null;
  #closeByMs = NEVER;
  #wakeMs = NEVER;

  constructor(settings: SessionSettings) {
    const chance = new Chance(settings.seed);
    this.#settings = settings;
    this.#hosts = new HostList(settings.servers, chance);
    this.#backoff = new Backoff(settings, chance);
    this.#reports = new Reports(this.figures);
    this.#conversation = new Conversation(settings, this.#reports, this.figures);
    this.#credentials = settings.credentials;
    this.#isGlobal = settings.credentials !== null;
    this.#timeoutMs = settings.timeoutMs;
  }

  // What may be read at any time.

  get state(): SessionState {
    return this.#state;
  }

  /** Null before the first greeting. They stay when the session ends. */
  get credentials(): Credentials | null {
    return this.#credentials;
  }

  /** The server the session is on, null without one. */
  get server(): Endpoint | null {
    return this.#link?.isGreeted === true ? this.#link.endpoint : null;
  }

  /** What the server granted; before that, what is asked for. */
  get timeoutMs(): number {
    return this.#timeoutMs;
  }

  get lastZxid(): { readonly high: number; readonly low: number } {
    return this.#conversation.seen;
  }

  /** Requests without an end yet. */
  get pendingCount(): number {
    return this.#conversation.sentCount + this.#conversation.waitingCount;
  }

  get watchCount(): number {
    return this.#conversation.watchCount;
  }

  // What the body tells.

  /** Before the first call of a turn: the time, of a clock that never goes back. */
  begin(nowMs: number): void {
    this.#stall.onTime(nowMs, this.#wakeMs);
    this.#nowMs = nowMs;
  }

  start(): void {
    if (this.#state !== 'new') return;
    this.#state = 'connecting';
    this.#startedMs = this.#nowMs;
    if (this.#credentials !== null) this.#heardMs = this.#nowMs;
    this.#outage.begin(this.#nowMs);
    this.#planAttempt(false);
  }

  /** A link is open: bytes may be written on it. */
  connected(linkId: number): void {
    const link = this.#linkOf(linkId);
    if (link === null || link.phase !== 'opening') return;
    link.phase = 'greeting';
    link.pulse.onHeard(this.#nowMs);
    if (link === this.#link) this.#greet(link, this.#settings.canBeReadOnly);
    else if (this.#search?.isGreeting === true) this.#greet(link, false);
    else this.#search?.ask(link);
  }

  /** A chunk has come; it must stay unchanged as long as bodies cut from it are in use. */
  received(linkId: number, chunk: Uint8Array): void {
    const link = this.#linkOf(linkId);
    if (link === null || link.phase === 'opening') return;
    this.figures.bytesReceived += chunk.length;
    if (link !== this.#link && this.#search?.isGreeting === false) {
      this.#onWord(chunk);
      return;
    }
    link.pulse.onHeard(this.#nowMs);
    if (link.isGreeted) this.#heardMs = this.#nowMs;
    link.frames.push(chunk);
    this.#cut(link);
  }

  /** A link is gone, or did not come about; `detail` says why, for people. */
  disconnected(linkId: number, detail = 'the server closed the connection'): void {
    const link = this.#linkOf(linkId);
    if (link === null) return;
    if (link === this.#link) this.#endLink({ kind: endKindOf(link), detail }, false);
    else this.#onSearchLinkGone(link);
  }

  // What the user asks.

  request(request: SessionRequest): void {
    if (this.#refuses(request.token, request.opcode)) return;
    this.#conversation.ask(request, this.#nowMs);
  }

  /** Ends a request for its caller. If it was sent, its answer will be dropped when it comes. */
  abandon(token: number): void {
    this.#conversation.abandon(token);
  }

  /** From now on these watchers hear nothing more. */
  unwatch(token: number, what: Unwatch): void {
    const isTold = this.#link?.isGreeted === true;
    this.#conversation.unwatch(token, what, isTold, this.#nowMs);
  }

  /** An identity for this and every later connection of the session. */
  addAuth(token: number, scheme: string, proof: Uint8Array): void {
    if (this.#refuses(token, Opcode.Auth)) return;
    const link = this.#link?.phase === 'serving' ? this.#link : null;
    this.#conversation.addAuth(token, scheme, proof, link, this.#nowMs);
  }

  /** The answer to a `sasl` report. */
  respond(saslToken: Uint8Array): void {
    if (this.#link?.phase !== 'authenticating') return;
    this.#conversation.respond(saslToken, this.#link, this.#nowMs);
  }

  /** The SASL exchange is complete. */
  authenticated(): void {
    if (this.#link?.phase === 'authenticating') this.#serve(this.#link);
  }

  /** The SASL exchange has failed on this side. */
  notAuthenticated(): void {
    if (this.#link?.phase !== 'authenticating') return;
    this.#endSession('auth-failed', { kind: 'auth-failed', scheme: 'sasl' });
  }

  /** The ensemble has other servers now. */
  setServers(servers: readonly Endpoint[]): void {
    const mine = this.#link?.endpoint ?? this.#plan?.endpoint ?? null;
    const leaves = this.#hosts.update(servers, mine);
    this.#outage.keepOnly(servers);
    if (this.#end !== null || this.#state === 'new') return;
    if (this.#link === null) this.#planAttempt(false);
    else if (leaves) this.#leave('the list of servers has changed');
  }

  /** Drops the connection, if there is one, and takes the next server. */
  reconnect(): void {
    if (this.#link !== null) this.#leave('a new connection was asked for');
  }

  /** Ends the session behind all that was asked before; the `closed` report is the answer. */
  close(): void {
    if (this.#end !== null || this.#closeByMs !== NEVER) return;
    if (this.#link?.phase !== 'serving') {
      this.detach();
      return;
    }
    this.#closeByMs = this.#nowMs + this.#timeoutMs;
    this.#conversation.close(this.#nowMs);
  }

  /** Leaves the session to itself: until its timeout it can be taken up with its credentials. */
  detach(): void {
    if (this.#end === null) this.#endSession('closed', { kind: 'closed', isEnded: false });
  }

  // What time decides.

  turn(): void {
    if (this.#state === 'new') return;
    if (this.#stall.isJudging(this.#nowMs)) this.#judgeSilence();
    this.#judgeRequests();
    this.#turnSearch();
    if (this.#plan !== null && this.#plan.atMs <= this.#nowMs) this.#open(this.#plan.endpoint);
    if (this.#link?.phase === 'serving') this.#write(this.#link);
    this.#tellIfUnreachable();
    this.#wakeMs = this.#nextDue();
  }

  // What the body takes.

  takeOrders(): readonly Order[] {
    const taken = this.#orders;
    if (taken.length > 0) this.#orders = [];
    return taken;
  }

  takeOutput(): readonly LinkOutput[] {
    const taken: LinkOutput[] = [];
    for (const link of [this.#link, this.#search?.link ?? null]) {
      const output = link?.takeOutput() ?? null;
      if (output === null) continue;
      this.figures.bytesSent += output.bytes.length;
      taken.push(output);
    }
    return taken;
  }

  takeReports(): readonly Report[] {
    return this.#reports.take();
  }

  /** When `turn` is to be called again though nothing happens. */
  wakeAt(): number {
    return this.#wakeMs;
  }

  #linkOf(linkId: number): Link | null {
    if (this.#link?.id === linkId) return this.#link;
    return this.#search?.link?.id === linkId ? this.#search.link : null;
  }

  /** After the end nothing is taken on, nor behind the request that ends the session. */
  #refuses(token: number, opcode: number): boolean {
    const isClosing = this.#closeByMs !== NEVER || this.#end === 'closed';
    if (isClosing) {
      this.#reports.failed(token, opcode, Outcome.Closed, false, ErrorCode.SessionExpired);
    } else if (this.#end !== null) {
      this.#reports.failed(token, opcode, endOutcomes[this.#end], false);
    }
    return isClosing || this.#end !== null;
  }

  // Attempts.

  #planAttempt(hasBroken: boolean): void {
    const { endpoint, isRoundOver } = this.#hosts.next();
    const pauseMs = this.#backoff.pauseMs(isRoundOver, hasBroken);
    this.#plan = { endpoint, atMs: this.#nowMs + pauseMs };
  }

  #open(endpoint: Endpoint): void {
    this.#plan = null;
    this.#attempt += 1;
    this.#link = this.#newLink(endpoint);
    this.#reports.push({ kind: 'connecting', endpoint, attempt: this.#attempt });
  }

  #newLink(endpoint: Endpoint): Link {
    this.#linkCount += 1;
    const id = this.#linkCount;
    this.#orders.push({ kind: 'connect', link: id, endpoint });
    return new Link(id, endpoint, this.#nowMs, this.#settings.frameBytesMax);
  }

  #greet(link: Link, canBeReadOnly: boolean): void {
    const hello: Hello = {
      zxidHigh: this.#conversation.seen.high,
      zxidLow: this.#conversation.seen.low,
      timeoutMs: this.#settings.timeoutMs,
      credentials: this.#isGlobal ? this.#credentials : null,
      canBeReadOnly,
    };
    writeHello(link.out, hello);
    link.hello = hello;
    link.pulse.onSent(this.#nowMs);
    this.figures.framesSent += 1;
  }

  #cut(link: Link): void {
    while (this.#linkOf(link.id) === link) {
      const frame = link.frames.next();
      if (frame === null) {
        if (link.frames.badLength !== null) this.#onBadLength(link, link.frames.badLength);
        return;
      }
      this.figures.framesReceived += 1;
      if (!link.isGreeted) this.#onFirstFrame(link, frame);
      else this.#follow(this.#conversation.onFrame(link, frame, this.#nowMs));
    }
  }

  #follow(turning: Turning | null): void {
    if (turning === null) return;
    if (turning.kind === 'link-ends') this.#endLink(turning.end, true);
    else if (turning.kind === 'auth-failed') this.#endSession('auth-failed', turning);
    else this.#endSession('closed', turning);
  }

  #onBadLength(link: Link, length: number): void {
    if (link !== this.#link) this.#dropSearchLink();
    else if (link.isGreeted) this.#endLink(this.#conversation.onBadLength(length), true);
    else this.#endLink({ kind: 'bad-bytes', detail: `a greeting of ${length} bytes` }, true);
  }

  #onFirstFrame(link: Link, frame: Uint8Array): void {
    const greeting = judgeGreeting(frame, link.hello!);
    if (link !== this.#link && !this.#adopts(link, greeting)) return;
    if (greeting.kind === 'nonsense') {
      this.#endLink({ kind: 'turned-away', detail: greeting.detail }, true);
    } else if (greeting.kind === 'lost') {
      this.#endSession('lost', { kind: 'lost', by: 'server' });
    } else this.#onWelcome(link, greeting);
  }

  #onWelcome(link: Link, greeting: Extract<Greeting, { kind: 'welcome' }>): void {
    const { sessionId, password, timeoutMs, isReadOnly } = greeting;
    const { endpoint } = link;
    const isResumed = this.#credentials?.sessionId === sessionId;
    this.#credentials = { sessionId, password };
    this.#isGlobal ||= !isReadOnly;
    this.#timeoutMs = timeoutMs;
    this.#heardMs = this.#nowMs;
    this.#attempt = 0;
    this.#outage.end();
    this.#hosts.onConnected(endpoint);
    this.figures.linksOpened += 1;
    this.#state = isReadOnly ? 'read-only' : 'connected';
    if (isReadOnly) this.#search = new ReadWriteSearch(this.#nowMs);
    const session = { endpoint, sessionId, timeoutMs, isReadOnly, isResumed };
    this.#reports.push({ kind: 'connected', ...session });
    link.phase = 'authenticating';
    if (!this.#settings.sasl) this.#serve(link);
    else this.#reports.push({ kind: 'sasl', challenge: null, isFirst: true });
  }

  #serve(link: Link): void {
    link.phase = 'serving';
    this.#conversation.begin(link, this.#nowMs);
  }

  #write(link: Link): void {
    if (link.pulse.pingAt(this.#timeoutMs) <= this.#nowMs) {
      this.#conversation.ping(link, this.#nowMs);
    }
    this.#conversation.write(link, this.#nowMs);
  }

  // Judgements.

  #judgeSilence(): void {
    if (this.#end !== null) return;
    if (this.#expiryAt() <= this.#nowMs) {
      this.#endSession('lost', { kind: 'lost', by: 'own-clock' });
      return;
    }
    const link = this.#link;
    if (link === null || this.#silentAt(link) > this.#nowMs) return;
    const detail = link.isGreeted ? 'nothing was heard of the server' : 'the server did not greet';
    this.#endLink({ kind: 'silent', detail }, true);
  }

  /** When a link's silence has lasted too long. */
  #silentAt(link: Link): number {
    if (link.isGreeted) return link.pulse.silentAt(this.#timeoutMs);
    const shareMs = this.#timeoutMs / this.#hosts.servers.length;
    const patienceMs = Math.min(shareMs, this.#settings.connectTimeoutMs);
    return link.startedMs + Math.max(CONNECT_MS_MIN, patienceMs);
  }

  /** From then on the session counts as lost, whatever a server might say. */
  #expiryAt(): number {
    if (this.#heardMs !== null) return this.#heardMs + (this.#timeoutMs * 4) / 3;
    return this.#startedMs + this.#settings.establishTimeoutMs;
  }

  /** What was sent with a request that is late ends with its link, before what waits behind it. */
  #judgeRequests(): void {
    if (this.#closeByMs <= this.#nowMs) this.detach();
    if (this.#conversation.endLateSent(this.#nowMs) && this.#link !== null) {
      this.#endLink({ kind: 'request-timed-out', detail: 'a request was not answered' }, true);
    }
    this.#conversation.endLateWaiting(this.#nowMs, this.#offlineSinceMs);
  }

  /** Infinity while there is a connection. */
  get #offlineSinceMs(): number {
    return this.#outage.sinceMs;
  }

  #tellIfUnreachable(): void {
    const { servers } = this.#hosts;
    if (this.#end !== null) return;
    if (this.#outage.newsAt(this.#timeoutMs, servers.length) > this.#nowMs) return;
    this.#reports.push({ kind: 'unreachable', failures: this.#outage.tell() });
  }

  #nextDue(): number {
    if (this.#end !== null) return NEVER;
    const link = this.#link;
    const dueMs = Math.min(
      this.#closeByMs,
      this.#expiryAt(),
      link === null ? NEVER : this.#silentAt(link),
      link?.phase === 'serving' ? link.pulse.pingAt(this.#timeoutMs) : NEVER,
      this.#plan?.atMs ?? NEVER,
      this.#search?.dueAt ?? NEVER,
      this.#conversation.lateAt(this.#offlineSinceMs),
      this.#outage.newsAt(this.#timeoutMs, this.#hosts.servers.length),
    );
    return this.#stall.notBefore(dueMs);
  }

  // Ends.

  #leave(detail: string): void {
    this.#endLink({ kind: 'left', detail }, true);
  }

  /** The session's link is gone; `isOurs` if the body has to be told to let go of it. */
  #endLink(end: LinkEnd, isOurs: boolean): void {
    const link = this.#link!;
    const wasOpen = link.isGreeted;
    this.#dropLink(isOurs);
    if (this.#closeByMs !== NEVER) {
      this.detach();
      return;
    }
    if (wasOpen) this.#suspend(end);
    else {
      this.figures.attemptsFailed += 1;
      this.#outage.onFailure(link.endpoint, end);
    }
    if (this.#settings.offlineWaitMs === 0) this.#conversation.failWaiting(Outcome.ConnectionLoss);
    this.#planAttempt(wasOpen && end.kind !== 'left');
  }

  #suspend(end: LinkEnd): void {
    this.#state = 'suspended';
    this.figures.linksLost += 1;
    this.#outage.begin(this.#nowMs);
    this.#reports.push({ kind: 'suspended', end, sentLost: this.#conversation.countAwaited() });
    this.#conversation.failSent(Outcome.ConnectionLoss);
  }

  #dropLink(isOurs: boolean): void {
    this.#endSearch();
    const link = this.#link;
    if (link === null) return;
    if (isOurs) this.#orders.push({ kind: 'disconnect', link: link.id });
    this.#link = null;
    this.#conversation.onLinkGone();
  }

  /** The session is over for this client. */
  #endSession(state: EndState, report: StatusReport): void {
    this.#dropLink(true);
    this.#state = state;
    this.#end = state;
    this.#plan = null;
    // Who waits for a session to be closed waits for all that belongs to it; who waits for an
    // answer should find the session lost when it learns so.
    if (state !== 'closed') this.#reports.push(report);
    this.#conversation.failAll(endOutcomes[state]);
    if (state === 'closed') this.#reports.push(report);
  }

  // The search for a server that writes.

  #turnSearch(): void {
    const search = this.#search;
    if (search === null || search.dueAt > this.#nowMs) return;
    if (search.link !== null) this.#dropSearchLink();
    else search.follow(this.#newLink(search.next(this.#hosts, this.#link!.endpoint)), false);
  }

  #onWord(chunk: Uint8Array): void {
    const search = this.#search!;
    const verdict = search.hear(chunk);
    const { endpoint } = search.link!;
    if (verdict === 'only-reads') this.#dropSearchLink();
    else if (verdict === 'not-told') this.#searchByGreeting(endpoint);
    else if (verdict === 'reads-and-writes') {
      this.#leave(`${formatEndpoint(endpoint)} reads and writes`);
      if (this.#end === null) this.#plan = { endpoint, atMs: this.#nowMs };
    }
  }

  #onSearchLinkGone(link: Link): void {
    const search = this.#search!;
    search.link = null;
    if (link.phase === 'greeting' && !search.isGreeting) this.#searchByGreeting(link.endpoint);
    else search.giveUp(this.#nowMs);
  }

  #searchByGreeting(endpoint: Endpoint): void {
    const search = this.#search!;
    if (search.link !== null) this.#orders.push({ kind: 'disconnect', link: search.link.id });
    search.follow(this.#newLink(endpoint), true);
  }

  /** Whoever greets a client that does not accept less reads and writes: the session moves there. */
  #adopts(link: Link, greeting: Greeting): boolean {
    if (greeting.kind === 'nonsense') {
      this.#dropSearchLink();
      return false;
    }
    this.#search!.link = null;
    this.#leave(`${formatEndpoint(link.endpoint)} reads and writes`);
    if (this.#end !== null) {
      this.#orders.push({ kind: 'disconnect', link: link.id });
      return false;
    }
    this.#plan = null;
    this.#link = link;
    return true;
  }

  #dropSearchLink(): void {
    const search = this.#search!;
    if (search.link !== null) this.#orders.push({ kind: 'disconnect', link: search.link.id });
    search.giveUp(this.#nowMs);
  }

  #endSearch(): void {
    const link = this.#search?.link ?? null;
    if (link !== null) this.#orders.push({ kind: 'disconnect', link: link.id });
    this.#search = null;
  }
}

function endKindOf(link: Link): LinkEnd['kind'] {
  if (link.phase === 'opening') return 'unopened';
  return link.phase === 'greeting' ? 'turned-away' : 'closed';
}
