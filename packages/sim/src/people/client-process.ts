/**
 * A client at work: it calls the servers it knows of one after the other, keeps a session alive,
 * sends bursts of requests without waiting, hangs up, comes back, and writes down everything it was
 * told. What it wants is drawn; what it may rely on is not its business but the checkers'.
 */
import { Opcode, Xid } from '@zabra/wire';
import type { NetworkDoor } from '../network/end.ts';
import type { Network } from '../network/network.ts';
import { Port } from '../process/actor.ts';
import { Outbox } from '../process/outbox.ts';
import { EventKind } from '../time/event-kind.ts';
import type { Random } from '../time/random.ts';
import type { Scheduler } from '../time/scheduler.ts';
import { Mark, type Trace } from '../trace.ts';
import { Watches } from './client-watches.ts';
import type { Ask, Journal, Operation, SessionLife } from './journal.ts';
import { Ear, type Greeting, type Listener, say, sayHello, sayPing } from './speech.ts';
import { Wishes } from './wishes.ts';

export interface ClientHabits {
  /** How many operations it asks for in its life. */
  readonly operations: number;
  readonly burstMax: number;
  readonly thinkMs: number;
  readonly timeoutMs: number;
}

export interface ClientWorld {
  readonly network: Network;
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly journal: Journal;
  readonly random: Random;
  /** The servers are the machines 0 up to this. */
  readonly serverCount: number;
}

const DIAL_TIMEOUT_MS = 2000;
const RETRY_MS = 200;
const TURN_MS = 0.2;
/** So many requests at most wait for an answer. */
const WINDOW = 24;
const NO_PASSWORD = new Uint8Array(16);

export class ClientProcess implements NetworkDoor, Listener {
  readonly host: number;
  /** What it has asked for so far, and was answered since all should be well. */
  asked = 0;
  hasLastWord = false;
  readonly #world: ClientWorld;
  readonly #habits: ClientHabits;
  readonly #wishes: Wishes;
  readonly #outbox: Outbox;
  readonly #watches = new Watches();
  #link: number | null = null;
  #isCalling = false;
  #isGreeted = false;
  #dial = 0;
  #server: number;
  #connection = 0;
  #xid = 0;
  #ear: Ear | null = null;
  #life: SessionLife | null = null;
  #password: Uint8Array = NO_PASSWORD;
  #timeoutMs: number;
  #lastZxid = 0n;
  readonly #waiting: Operation[] = [];
  /** When those pings were sent that wait for an answer. */
  readonly #pingsMs: number[] = [];
  #turnAtMs: number = Number.POSITIVE_INFINITY;
  #actAtMs = 0;
  #pingAtMs: number = Number.POSITIVE_INFINITY;
  #heardAtMs = 0;
  #isClosing = false;
  #isLying = false;
  #wantsLastWord = false;

  constructor(host: number, habits: ClientHabits, world: ClientWorld) {
    this.host = host;
    this.#habits = habits;
    this.#world = world;
    this.#timeoutMs = habits.timeoutMs;
    this.#wishes = new Wishes(world.random.split('wishes'));
    this.#outbox = new Outbox(world.network);
    this.#server = world.random.below(world.serverCount);
    this.#actAtMs = world.random.next() * habits.thinkMs;
    this.#turnAt(this.#actAtMs);
  }

  // What others do to it.

  wake(): void {
    this.#turnAt(this.#world.scheduler.nowMs + this.#world.random.tail(TURN_MS));
  }

  /** Goes to another server, as clients do now and then. */
  hop(): void {
    if (this.#link === null) return;
    this.#world.network.close(this.#link);
    this.#leave('hops');
    this.wake();
  }

  /** Opens a new connection for its session, without a word on the old one. */
  move(): void {
    if (this.#link === null) return;
    this.#leave('moves its session');
    this.wake();
  }

  /** Comes with a password that is not its session's, next time. */
  lie(): void {
    if (this.#life === null) return;
    this.#isLying = true;
    this.hop();
  }

  /** Sends what it has to say and hangs up at once. */
  blurt(): void {
    if (this.#link === null || !this.#isGreeted) return;
    for (let i = 0; i < this.#habits.burstMax; i += 1) this.#askNext();
    this.hop();
  }

  setReading(isReading: boolean): void {
    if (this.#link !== null) this.#world.network.setReading(this.#link, isReading);
  }

  /** All is well from now on: it wants one answer more, and has no other wish. */
  finish(): void {
    this.#wantsLastWord = true;
    this.wake();
  }

  onTurn(): void {
    const { scheduler, network, trace } = this.#world;
    if (scheduler.nowMs < this.#turnAtMs) return;
    this.#turnAtMs = Number.POSITIVE_INFINITY;
    trace.note(Mark.Turn, this.host, 0);
    network.drain(this.host, this);
    this.#act();
    this.#arm();
  }

  // What the network has for it.

  onAccepted(): void {}

  onDialed(dial: number, link: number): void {
    if (dial !== this.#dial || !this.#isCalling) {
      this.#world.network.close(link);
      return;
    }
    this.#isCalling = false;
    this.#link = link;
    this.#isGreeted = false;
    this.#connection += 1;
    this.#heardAtMs = this.#world.scheduler.nowMs;
    this.#ear = new Ear(this);
    this.#outbox.open(link);
    const session = this.#life?.id ?? 0n;
    // Whoever has no session has nothing to lie about.
    this.#isLying &&= this.#life !== null;
    const password = this.#isLying ? this.#password.map((byte) => byte ^ 1) : this.#password;
    this.#send(sayHello(this.#lastZxid, this.#habits.timeoutMs, session, password));
  }

  onDialFailed(dial: number): void {
    if (dial !== this.#dial || !this.#isCalling) return;
    this.#isCalling = false;
    this.#tryLater();
  }

  onReceived(link: number, bytes: Uint8Array): void {
    if (link !== this.#link) return;
    this.#heardAtMs = this.#world.scheduler.nowMs;
    this.#ear!.receive(bytes);
  }

  onEnded(link: number): void {
    this.#world.network.close(link);
    if (link === this.#link) this.#leave('is hung up on');
  }

  onClosed(link: number): void {
    if (link === this.#link) this.#leave('loses its connection');
  }

  onRoom(link: number): void {
    this.#outbox.pump(link);
  }

  // What the server says.

  onGreeting({ timeoutMs, session, password }: Greeting): void {
    const { journal, scheduler } = this.#world;
    const isRefused = timeoutMs <= 0;
    if (this.#isLying) {
      this.#isLying = false;
      if (!isRefused) journal.violations.push(`a wrong password opened session ${session}`);
      this.hop();
      return;
    }
    if (isRefused) {
      this.#tell('is told that its session has ended');
      this.#endSession();
      this.hop();
      return;
    }
    if (this.#life === null) this.#life = journal.open(session, this.host);
    else if (this.#life.id !== session) {
      journal.violations.push(`session ${this.#life.id} came back as ${session}`);
    }
    this.#isGreeted = true;
    this.#timeoutMs = timeoutMs;
    this.#life.timeoutMs = timeoutMs;
    this.#password = password;
    this.#life.heard.push({ kind: 'connected', connection: this.#connection });
    this.#pingAtMs = scheduler.nowMs + timeoutMs / 3;
    this.#tell(`has session ${session.toString(16)} at server ${this.#server}`);
    const watches = this.#watches.request(this.#lastZxid);
    if (watches !== null) this.#ask(watches, Xid.SetWatches);
  }

  onReply(xid: number, zxid: bigint, error: number, body: Uint8Array): void {
    if (xid === Xid.Ping) {
      const pingedMs = this.#pingsMs.shift();
      if (pingedMs !== undefined) this.#life?.pingedMs.push(pingedMs);
      return;
    }
    const { journal, scheduler } = this.#world;
    const operation = this.#waiting.shift();
    if (operation === undefined || operation.xid !== xid) {
      journal.violations.push(
        `client ${this.host} was answered ${xid} and waited for ${operation?.xid ?? 'nothing'}`,
      );
      return;
    }
    operation.answer = { atMs: scheduler.nowMs, zxid, error, body };
    this.#life?.heard.push({ kind: 'reply', operation });
    if (zxid > this.#lastZxid) this.#lastZxid = zxid;
    this.#watches.onReply(operation.ask, error);
    if (operation.ask.type === Opcode.CloseSession) this.#endSession();
    if (this.#wantsLastWord && operation.ask.type === Opcode.Sync && error === 0) {
      this.hasLastWord = true;
    }
  }

  onEvent(type: number, path: string, zxid: bigint): void {
    this.#life?.heard.push({ kind: 'event', type, path, zxid });
    this.#watches.onEvent(type, path);
  }

  onNonsense(): void {
    this.#world.journal.violations.push(`client ${this.host} heard what it could not read`);
  }

  // What it does.

  #act(): void {
    const { nowMs } = this.#world.scheduler;
    if (this.#link === null) {
      if (!this.#isCalling && nowMs >= this.#actAtMs) this.#call();
      return;
    }
    if (nowMs - this.#heardAtMs > (this.#timeoutMs * 2) / 3) {
      this.#tell('hears nothing any more');
      this.hop();
      return;
    }
    if (!this.#isGreeted || this.#isClosing || this.#life === null) return;
    if (nowMs >= this.#pingAtMs) {
      this.#pingAtMs = nowMs + this.#timeoutMs / 3;
      this.#pingsMs.push(nowMs);
      this.#send(sayPing());
    }
    if (nowMs >= this.#actAtMs) this.#burst();
  }

  #burst(): void {
    const { scheduler, random } = this.#world;
    const { burstMax, thinkMs } = this.#habits;
    this.#actAtMs = scheduler.nowMs + random.tail(thinkMs);
    if (this.#wantsLastWord) {
      if (!this.hasLastWord && this.#waiting.length === 0) this.#ask(this.#wishes.last());
      return;
    }
    for (let i = random.between(1, burstMax); i > 0; i -= 1) this.#askNext();
  }

  #askNext(): void {
    const isDone = this.asked >= this.#habits.operations || this.#isClosing;
    if (isDone || this.#life === null || this.#waiting.length >= WINDOW) return;
    this.asked += 1;
    const ask = this.#wishes.next();
    this.#isClosing = ask.type === Opcode.CloseSession;
    this.#ask(ask);
  }

  #ask(ask: Ask, xid: number = this.#nextXid()): void {
    const { journal, scheduler } = this.#world;
    const operation: Operation = {
      client: this.host,
      session: this.#life!.id,
      connection: this.#connection,
      xid,
      ask,
      invokedMs: scheduler.nowMs,
      answer: null,
    };
    journal.operations.push(operation);
    this.#life!.sent.push(operation);
    this.#waiting.push(operation);
    this.#send(say(xid, ask));
  }

  #call(): void {
    const { network, random, serverCount } = this.#world;
    this.#server = (this.#server + 1 + random.below(Math.max(serverCount - 1, 1))) % serverCount;
    this.#dial += 1;
    this.#isCalling = true;
    network.dial(this.host, this.#server, Port.Client, this.#dial, DIAL_TIMEOUT_MS);
  }

  #send(bytes: Uint8Array): void {
    if (this.#link !== null) this.#outbox.send(this.#link, bytes, bytes.length);
  }

  /** The connection counts no more; whatever waits for an answer may have happened or not. */
  #leave(why: string): void {
    this.#tell(why);
    this.#outbox.forget(this.#link!);
    this.#link = null;
    this.#ear = null;
    this.#isGreeted = false;
    this.#waiting.length = 0;
    this.#pingsMs.length = 0;
    if (this.#isClosing) this.#endSession();
    this.#tryLater();
  }

  #endSession(): void {
    this.#life = null;
    this.#password = NO_PASSWORD;
    this.#isClosing = false;
    this.#watches.clear();
  }

  #tryLater(): void {
    const { scheduler, random } = this.#world;
    this.#actAtMs = scheduler.nowMs + random.tail(RETRY_MS);
  }

  #nextXid(): number {
    this.#xid += 1;
    return this.#xid;
  }

  /** Sleeps until something is due. */
  #arm(): void {
    if (this.#isCalling) return;
    if (this.#link === null) {
      this.#turnAt(this.#actAtMs);
      return;
    }
    const deafAtMs = this.#heardAtMs + (this.#timeoutMs * 2) / 3 + 1;
    const isBusy = this.#isGreeted && !this.#isClosing && this.#life !== null;
    const isWishing = this.#wantsLastWord
      ? !this.hasLastWord
      : this.asked < this.#habits.operations;
    const wishAtMs = isBusy && isWishing ? this.#actAtMs : Number.POSITIVE_INFINITY;
    const pingAtMs = isBusy ? this.#pingAtMs : Number.POSITIVE_INFINITY;
    this.#turnAt(Math.min(deafAtMs, wishAtMs, pingAtMs));
  }

  #turnAt(atMs: number): void {
    if (atMs >= this.#turnAtMs) return;
    const { scheduler } = this.#world;
    this.#turnAtMs = Math.max(atMs, scheduler.nowMs);
    scheduler.schedule(this.#turnAtMs, EventKind.Turn, this.host);
  }

  #tell(what: string): void {
    const { trace, scheduler } = this.#world;
    trace.story?.(`${scheduler.nowMs.toFixed(3).padStart(11)}  client ${this.host} ${what}`);
  }
}
