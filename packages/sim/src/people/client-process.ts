/**
 * A client at work: a person with a session, as it ships, who sends bursts of requests without
 * waiting, goes from server to server, sleeps, closes its session and comes again. What it wants is
 * drawn; what it may rely on is not its business but the checkers'.
 */
import { type Report, sessionSettings } from '@zabra/client/session';
import { encodeUtf8, Opcode, type ReconfigRequest } from '@zabra/wire';
import type { DialFailure, NetworkDoor } from '../network/end.ts';
import type { Network } from '../network/network.ts';
import { EventKind } from '../time/event-kind.ts';
import type { Random } from '../time/random.ts';
import type { Scheduler } from '../time/scheduler.ts';
import { Mark, type Trace } from '../trace.ts';
import { ask } from './ask.ts';
import type { ClientHabits } from './habits.ts';
import type { Journal } from './journal.ts';
import { endpointsOf, type Phone, SessionBody } from './session-body.ts';
import { Wishes } from './wishes.ts';
import { Witness } from './witness.ts';

export interface ClientWorld {
  readonly network: Network;
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly journal: Journal;
  readonly random: Random;
  /** The servers are the machines 0 up to this. */
  readonly serverCount: number;
  meets(server: number, seen: bigint): void;
}

/** Another handle of the person's session. */
interface Side {
  readonly body: SessionBody;
  /** Then it leaves the session. */
  readonly untilMs: number;
}

const RETRY_MS = 200;
/** So many times faster it asks when all is well and much is left. */
const HASTE = 4;
const TURN_MS = 0.2;
/** So many requests at most wait for an answer. */
const WINDOW = 24;
/** Who has no connection still asks now and then. */
const ASKS_OFFLINE = 0.1;
/** Of its session's timeout; some naps outlast it. */
const NAPS = [0.5, 0.9, 1.6];
/** How often whoever has just come back goes on to another server at once, and how soon. */
const FICKLE = 0.1;
const FICKLE_MS = 30;
const SHARE_MS_MAX = 3000;
/** Shows servers that whoever says it may do anything. */
const SUPER_PROOF = encodeUtf8('super:secret');
/** Handles of one session number their requests from places of their own. */
const XIDS_PER_HANDLE = 100_000;

export class ClientProcess implements NetworkDoor, Phone {
  readonly host: number;
  readonly network: Network;
  /** What it has asked for so far, and was answered since all should be well. */
  asked = 0;
  hasLastWord = false;
  readonly #world: ClientWorld;
  readonly #habits: ClientHabits;
  readonly #wishes: Wishes;
  #main: SessionBody | null = null;
  /** Others who come with its session: one with another password, one who shares it for a while. */
  #sides: Side[] = [];
  #dials = 0;
  #connections = 0;
  #handles = 0;
  #number = 0;
  #leaveAtMs: number = Number.POSITIVE_INFINITY;
  #turnAtMs: number = Number.POSITIVE_INFINITY;
  #actAtMs = 0;
  #napEndMs = 0;
  #isFinishing = false;
  #askedMs = 0;
  #lastToken = 0;
  /** Who has shown servers that it may do anything. */
  #super: SessionBody | null = null;
  /** A server that only reads will do. */
  readonly #canOnlyRead: boolean;

  constructor(host: number, habits: ClientHabits, world: ClientWorld) {
    this.host = host;
    this.network = world.network;
    this.#habits = habits;
    this.#world = world;
    this.#wishes = new Wishes(world.random.split('wishes'));
    this.#canOnlyRead = world.random.split('only reads').chance(habits.onlyReads);
    this.#actAtMs = world.random.next() * habits.thinkMs;
    this.#turnAt(this.#actAtMs);
  }

  nextDial(): number {
    this.#dials += 1;
    return this.#dials;
  }

  nextConnection(): number {
    this.#connections += 1;
    return this.#connections;
  }

  meets(server: number, seen: bigint): void {
    this.#world.meets(server, seen);
  }

  /** The server at which it has said nothing but that it lives, for longer than its session lasts alone. */
  get silentAt(): number | null {
    const isSilent = this.#world.scheduler.nowMs - this.#askedMs > this.#habits.timeoutMs;
    return isSilent && this.#main !== null ? this.#main.server : null;
  }

  // What others do to it.

  wake(): void {
    this.#turnAt(this.#world.scheduler.nowMs + this.#world.random.tail(TURN_MS));
  }

  /** Goes to another server, as clients do now and then. */
  hop(): void {
    this.#leave('hops');
  }

  /** Its session is on two connections: one is left without a word, or both are in use. */
  move(): void {
    if (this.#world.random.chance(0.5)) {
      if (this.#main !== null) this.#main.leavesInSilence = true;
      this.#leave('moves its session');
      return;
    }
    const credentials = this.#main?.session.credentials ?? null;
    if (credentials === null || this.#isAsleep) return;
    const { scheduler, random } = this.#world;
    this.#tell('shares its session');
    const body = this.#begin(credentials, false);
    for (let i = 0; i < this.#habits.burstMax; i += 1) this.#askNext(body);
    this.#sides.push({ body, untilMs: scheduler.nowMs + random.next() * SHARE_MS_MAX });
    this.wake();
  }

  /** Somebody comes with a password that is not its session's. */
  lie(): void {
    const credentials = this.#main?.session.credentials ?? null;
    if (credentials === null || this.#isAsleep) return;
    const { sessionId, password } = credentials;
    const wrong = { sessionId, password: password.map((byte) => byte ^ 1) };
    this.#tell('meets an impostor');
    const untilMs = Number.POSITIVE_INFINITY;
    this.#sides.push({ body: this.#begin(wrong, true), untilMs });
    this.wake();
  }

  /** Sends what it has to say and hangs up at once. */
  blurt(): void {
    const main = this.#main;
    if (main === null || this.#isAsleep) return;
    main.begin();
    for (let i = 0; i < this.#habits.burstMax; i += 1) this.#askNext(main);
    this.#listen(main.turn());
    this.#leave('hangs up');
  }

  /** Asks for other members, as somebody who may; false where it cannot ask. */
  reconfigure(change: ReconfigRequest): boolean {
    const main = this.#main;
    if (main === null || this.#isAsleep) return false;
    main.begin();
    if (this.#super !== main) {
      this.#super = main;
      this.#number += 1;
      main.session.addAuth(this.#number, 'digest', SUPER_PROOF);
    }
    this.#ask(main, { type: Opcode.Reconfig, body: change });
    this.#listen(main.turn());
    this.#arm();
    return true;
  }

  setReading(isReading: boolean): void {
    this.#main?.setReading(isReading);
  }

  /** All is well from now on: it asks soon what is left to ask, and then for one answer more. */
  finish(): void {
    this.#isFinishing = true;
    this.#napEndMs = 0;
    this.wake();
  }

  onTurn(): void {
    const { scheduler, trace } = this.#world;
    if (scheduler.nowMs < this.#turnAtMs) return;
    this.#turnAtMs = Number.POSITIVE_INFINITY;
    if (this.#isAsleep) {
      this.#turnAt(this.#napEndMs);
      return;
    }
    trace.note(Mark.Turn, this.host, 0);
    this.#main?.begin();
    for (const { body } of this.#sides) body.begin();
    this.network.drain(this.host, this);
    this.#act();
    if (this.#main !== null) this.#listen(this.#main.turn());
    if (this.#sides.length > 0) for (const side of [...this.#sides]) this.#turnSide(side);
    this.#arm();
  }

  // What the network has for it.

  onAccepted(): void {}

  onDialed(dial: number, link: number): void {
    if (!this.#some((body) => body.dialed(dial, link))) this.network.close(link);
  }

  onDialFailed(dial: number, failure: DialFailure): void {
    this.#some((body) => body.dialFailed(dial, failure));
  }

  onReceived(link: number, bytes: Uint8Array): void {
    if (this.#main?.received(link, bytes) === true) return;
    for (const { body } of this.#sides) if (body.received(link, bytes)) return;
  }

  onEnded(link: number): void {
    this.network.close(link);
    this.#some((body) => body.gone(link, 'the server closed the connection'));
  }

  onClosed(link: number): void {
    this.#some((body) => body.gone(link, 'the connection was reset'));
  }

  onRoom(link: number): void {
    this.#main?.hasRoom(link);
    for (const { body } of this.#sides) body.hasRoom(link);
  }

  #some(isMeant: (body: SessionBody) => boolean): boolean {
    if (this.#main !== null && isMeant(this.#main)) return true;
    return this.#sides.some(({ body }) => isMeant(body));
  }

  // What it does.

  /** What still comes on the old connection concerns nobody from here on. */
  #leave(how: string): void {
    this.#leaveAtMs = Number.POSITIVE_INFINITY;
    const main = this.#main;
    if (main === null || this.#isAsleep) return;
    this.#tell(how);
    main.begin();
    main.session.reconnect();
    this.#listen(main.turn());
    this.#arm();
  }

  get #isAsleep(): boolean {
    return this.#world.scheduler.nowMs < this.#napEndMs;
  }

  #act(): void {
    const { scheduler, random } = this.#world;
    if (scheduler.nowMs >= this.#leaveAtMs) this.#leave('goes on at once');
    if (scheduler.nowMs < this.#actAtMs) return;
    const { thinkMs, operations } = this.#habits;
    this.#actAtMs = scheduler.nowMs + random.tail(this.#isFinishing ? thinkMs / HASTE : thinkMs);
    if (this.#main === null) this.#main = this.#begin(null, false);
    else if (this.#isFinishing && this.asked >= operations) this.#askLast(this.#main);
    else this.#burst(this.#main);
  }

  #begin(credentials: SessionBody['session']['credentials'], isImpostor: boolean): SessionBody {
    const { journal, scheduler, random, serverCount } = this.#world;
    const servers = endpointsOf(serverCount);
    const { session } = this.#habits;
    this.#handles += 1;
    const canBeReadOnly = this.#canOnlyRead;
    const own = { servers, seed: random.next32(), credentials, canBeReadOnly };
    const firstXid = 1 + this.#handles * XIDS_PER_HANDLE;
    const settings = sessionSettings({ ...session, ...own, firstXid });
    const life = journal.open(credentials?.sessionId ?? 0n, this.host, isImpostor);
    const body = new SessionBody(settings, new Witness(life, journal, scheduler), this);
    body.begin();
    body.session.start();
    return body;
  }

  #burst(main: SessionBody): void {
    const { random } = this.#world;
    const { burstMax, napsPerThousand, timeoutMs } = this.#habits;
    if (main.session.server === null && !random.chance(ASKS_OFFLINE)) return;
    for (let i = random.between(1, burstMax); i > 0; i -= 1) this.#askNext(main);
    if (this.#isFinishing || random.below(1000) >= napsPerThousand) return;
    this.#tell('falls asleep');
    this.#napEndMs = this.#world.scheduler.nowMs + timeoutMs * random.pick(NAPS);
  }

  #askNext(main: SessionBody): void {
    const isDone = this.asked >= this.#habits.operations;
    if (isDone || main.session.pendingCount >= WINDOW) return;
    this.asked += 1;
    this.#ask(main, this.#wishes.next());
  }

  /** One answer more, however often it has to ask. */
  #askLast(main: SessionBody): void {
    const isAsking = this.hasLastWord || main.session.pendingCount > 0;
    if (isAsking || main.session.server === null) return;
    this.#lastToken = this.#ask(main, this.#wishes.last());
  }

  #ask(main: SessionBody, what: ReturnType<Wishes['next']>): number {
    this.#number += 1;
    this.#askedMs = this.#world.scheduler.nowMs;
    ask(main, what, this.#number);
    return this.#number;
  }

  // What it is told.

  #listen(reports: readonly Report[]): void {
    for (const report of reports) {
      if (report.kind === 'completion') this.#onCompletion(report);
      else if (report.kind !== 'watch') this.#onStatus(report);
    }
  }

  #onCompletion({ token, opcode, outcome, code }: Extract<Report, { kind: 'completion' }>): void {
    const isLast = this.#isFinishing && token === this.#lastToken && opcode === Opcode.Sync;
    if (isLast && outcome === 'answered' && code === 0) this.hasLastWord = true;
  }

  #onStatus(report: Exclude<Report, { kind: 'completion' | 'watch' }>): void {
    const { kind } = report;
    this.#tellStatus(report);
    // Whoever has waited for a connection has something to say.
    const { scheduler, random } = this.#world;
    if (kind === 'connected') {
      this.#actAtMs = scheduler.nowMs;
      const isFickle = report.isResumed && !this.#isFinishing && random.chance(FICKLE);
      if (isFickle) this.#leaveAtMs = scheduler.nowMs + random.tail(FICKLE_MS);
    }
    if (!isEnd(kind)) return;
    this.#main = null;
    this.#actAtMs = scheduler.nowMs + random.tail(RETRY_MS);
  }

  #turnSide(side: Side): void {
    const { body, untilMs } = side;
    const isOver = this.#isFinishing || this.#world.scheduler.nowMs >= untilMs;
    if (isOver) body.session.detach();
    const hasEnded = body.turn().some(({ kind }) => isEnd(kind));
    if (hasEnded) this.#sides = this.#sides.filter((one) => one !== side);
  }

  /** Sleeps until something is due. */
  #arm(): void {
    const isDone = this.#isFinishing
      ? this.hasLastWord
      : this.asked >= this.#habits.operations && this.#main !== null;
    let wakeAtMs = Math.min(
      this.#main?.session.wakeAt() ?? Number.POSITIVE_INFINITY,
      this.#leaveAtMs,
      isDone ? Number.POSITIVE_INFINITY : this.#actAtMs,
    );
    for (const { body, untilMs } of this.#sides) {
      wakeAtMs = Math.min(wakeAtMs, body.session.wakeAt(), untilMs);
    }
    if (wakeAtMs < Number.POSITIVE_INFINITY) this.#turnAt(wakeAtMs);
  }

  #turnAt(atMs: number): void {
    if (atMs >= this.#turnAtMs) return;
    const { scheduler } = this.#world;
    this.#turnAtMs = Math.max(atMs, scheduler.nowMs);
    scheduler.schedule(this.#turnAtMs, EventKind.Turn, this.host);
  }

  #tellStatus(report: Exclude<Report, { kind: 'completion' | 'watch' }>): void {
    if (this.#world.trace.story === null) return;
    if (report.kind === 'connected') {
      const { sessionId, endpoint, isResumed } = report;
      const how = isResumed ? 'has again' : 'has';
      this.#tell(`${how} session ${sessionId.toString(16)} at port ${endpoint.port}`);
    } else if (report.kind === 'suspended') {
      this.#tell(`is suspended: ${report.end.kind}, ${report.end.detail}`);
    } else if (report.kind === 'lost') this.#tell(`has lost its session, says ${report.by}`);
    else if (report.kind === 'closed') this.#tell('has closed its session');
  }

  #tell(what: string): void {
    const { trace, scheduler } = this.#world;
    trace.story?.(`${scheduler.nowMs.toFixed(3).padStart(11)}  client ${this.host} ${what}`);
  }
}

function isEnd(kind: Report['kind']): boolean {
  return kind === 'lost' || kind === 'closed' || kind === 'auth-failed';
}
