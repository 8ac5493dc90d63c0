/**
 * Takes down what goes over a session's connections, where the bytes pass and without asking the
 * session: requests as they leave, answers and events as they come. It knows the frames and no rule.
 * Beside them it takes down what the session tells its user, for others to compare.
 */
import type { Report } from '@zabra/client/session';
import {
  decodeConnectRequest,
  decodeConnectResponse,
  decodeWatcherEvent,
  FrameReader,
  JuteReader,
  Opcode,
  operations,
  Xid,
} from '@zabra/wire';
import type { Scheduler } from '../time/scheduler.ts';
import type { Ask, Heard, Hello, Journal, Operation, SessionLife, Wish } from './journal.ts';

const FRAME_BYTES_MAX = 1 << 26;
const LENGTH_BYTES = 4;
const REQUEST_HEADER_BYTES = 8;
/** A four-letter word is no frame, and shorter than any. */
const WORD_BYTES = 4;

/** What a session asks of itself: nobody has wished for it. */
const own: ReadonlySet<number> = new Set([
  Opcode.SetWatches,
  Opcode.SetWatches2,
  Opcode.RemoveWatches,
  Opcode.Auth,
  Opcode.CloseSession,
]);

interface Unsent {
  readonly wish: Wish;
  readonly body: Uint8Array;
}

export class Witness {
  readonly life: SessionLife;
  readonly journal: Journal;
  readonly #scheduler: Scheduler;
  readonly #unsent: Unsent[] = [];
  /** Wishes that came to their end before they were sent. */
  readonly #over = new Set<number>();

  constructor(life: SessionLife, journal: Journal, scheduler: Scheduler) {
    this.life = life;
    this.journal = journal;
    this.#scheduler = scheduler;
  }

  get nowMs(): number {
    return this.#scheduler.nowMs;
  }

  /** `server`: the machine at the other end. */
  tap(connection: number, server: number): Tap {
    return new Tap(this, connection, server);
  }

  onWish(wish: Wish, body: Uint8Array): void {
    this.life.wishes.push(wish);
    this.#unsent.push({ wish, body });
  }

  onTold(report: Report): void {
    this.life.told.push({ report, atMs: this.nowMs, heardCount: this.life.heard.length });
    const isUnsent = report.kind === 'completion' && report.outcome !== 'answered';
    if (isUnsent && !report.maybeApplied) this.#over.add(report.token);
  }

  /** The wish that must be next to leave; undefined if there is none. */
  nextUnsent(): Unsent | undefined {
    for (let next = this.#unsent.shift(); next !== undefined; next = this.#unsent.shift()) {
      if (!this.#over.delete(next.wish.token)) return next;
    }
    return undefined;
  }

  violate(what: string): void {
    this.journal.violations.push(`client ${this.life.client} ${what}`);
  }
}

/** The ears on one connection, both ways. */
export class Tap {
  readonly #witness: Witness;
  readonly #connection: number;
  readonly #server: number;
  readonly #frames = new FrameReader(FRAME_BYTES_MAX);
  /** Null until it was said; a connection for a word alone never says it. */
  #hello: Hello | null = null;
  #isGreeted = false;
  /** What was sent and not answered, in its order; proofs and pings are answered in orders of theirs. */
  readonly #waiting: Operation[] = [];
  readonly #proofs: Operation[] = [];
  readonly #pingsMs: number[] = [];

  constructor(witness: Witness, connection: number, server: number) {
    this.#witness = witness;
    this.#connection = connection;
    this.#server = server;
  }

  /** Whole frames, as they leave. */
  said(bytes: Uint8Array): void {
    if (bytes.length === WORD_BYTES) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < bytes.length; ) {
      const end = at + LENGTH_BYTES + view.getInt32(at);
      this.#onSaid(view, bytes.subarray(at + LENGTH_BYTES, end), at + LENGTH_BYTES);
      at = end;
    }
  }

  heard(chunk: Uint8Array): void {
    if (this.#hello === null) return;
    this.#frames.push(chunk);
    for (let frame = this.#frames.next(); frame !== null; frame = this.#frames.next()) {
      if (this.#isGreeted) this.#onHeard(JuteReader.over(frame));
      else this.#onGreeting(frame);
    }
    if (this.#isGreeted) this.#witness.life.heardMs = this.#witness.nowMs;
  }

  #onSaid(view: DataView, frame: Uint8Array, at: number): void {
    const { nowMs } = this.#witness;
    if (this.#hello === null) {
      this.#onHello(frame);
      return;
    }
    const xid = view.getInt32(at);
    if (xid === Xid.Ping) this.#pingsMs.push(nowMs);
    else this.#onRequest(xid, view.getInt32(at + 4), frame.subarray(REQUEST_HEADER_BYTES));
  }

  #onHello(frame: Uint8Array): void {
    const hello = decodeConnectRequest(JuteReader.over(frame));
    if (hello === null) this.#witness.violate('said a hello that is none');
    this.#hello = {
      connection: this.#connection,
      atMs: this.#witness.nowMs,
      session: hello?.sessionId ?? 0n,
      lastZxid: hello?.lastZxidSeen ?? 0n,
      server: this.#server,
      canBeReadOnly: hello?.readOnly === true,
    };
  }

  #onRequest(xid: number, opcode: number, body: Uint8Array): void {
    const { life, journal, nowMs } = this.#witness;
    const unsent = own.has(opcode) ? undefined : this.#witness.nextUnsent();
    const isAsked = unsent?.wish.ask.type === opcode && isSame(unsent.body, body);
    if (!isAsked && !own.has(opcode)) {
      this.#witness.violate(`sent ${opcode} as ${xid}, which was not the next that was asked`);
    }
    const operation: Operation = {
      client: life.client,
      session: life.id,
      connection: this.#connection,
      xid,
      ask: unsent?.wish.ask ?? askOf(opcode, body),
      wish: unsent?.wish ?? null,
      invokedMs: nowMs,
      answer: null,
    };
    journal.operations.push(operation);
    life.sent.push(operation);
    if (xid === Xid.Auth) this.#proofs.push(operation);
    else this.#waiting.push(operation);
  }

  #onGreeting(frame: Uint8Array): void {
    const { life, nowMs } = this.#witness;
    const hello = this.#hello!;
    this.#isGreeted = true;
    const greeting = decodeConnectResponse(JuteReader.over(frame));
    if (greeting === null) this.#witness.violate('heard a greeting that is none');
    else if (greeting.timeoutMs <= 0) {
      this.#witness.journal.refusals.push(frame.slice());
      this.#note({ kind: 'refused', hello, atMs: nowMs });
    } else {
      const { sessionId: session, timeoutMs } = greeting;
      life.id = session;
      life.timeoutMs = timeoutMs;
      const isReadOnly = greeting.readOnly === true;
      this.#note({ kind: 'connected', hello, session, timeoutMs, atMs: nowMs, isReadOnly });
    }
  }

  #onHeard(reader: JuteReader): void {
    const xid = reader.int();
    const zxid = reader.long();
    const error = reader.int();
    if (reader.failed) this.#witness.violate('heard what it could not read');
    else if (xid === Xid.Notification) this.#onEvent(reader, zxid);
    else if (xid === Xid.Ping) this.#onPong();
    else {
      const body = reader.bytes.subarray(reader.position, reader.end);
      this.#onReply(xid, zxid, error, body);
    }
  }

  #onEvent(reader: JuteReader, zxid: bigint): void {
    const event = decodeWatcherEvent(reader);
    if (event === null || reader.failed) this.#witness.violate('heard what it could not read');
    else this.#note({ kind: 'event', type: event.type, path: event.path, zxid });
  }

  #onPong(): void {
    const pingedMs = this.#pingsMs.shift();
    if (pingedMs !== undefined) this.#witness.life.pingedMs.push(pingedMs);
    else this.#witness.violate('was answered a ping that it had not sent');
  }

  #onReply(xid: number, zxid: bigint, error: number, body: Uint8Array): void {
    const operation = (xid === Xid.Auth ? this.#proofs : this.#waiting).shift();
    if (operation === undefined || operation.xid !== xid) {
      const waited = operation?.xid ?? 'nothing';
      this.#witness.violate(`was answered ${xid} and waited for ${waited}`);
      return;
    }
    operation.answer = { atMs: this.#witness.nowMs, zxid, error, body };
    this.#note({ kind: 'reply', operation });
  }

  #note(heard: Heard): void {
    this.#witness.life.heard.push(heard);
  }
}

function askOf(type: number, body: Uint8Array): Ask {
  const decoded = operations[type as Ask['type']].decodeRequest(JuteReader.over(body));
  return { type, body: decoded } as Ask;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i += 1) if (one[i] !== other[i]) return false;
  return true;
}
