/**
 * Every session the database knows, and when each runs out. Leases are kept by tick: a session lies
 * in the bucket of the tick at which it was last known to end, and a bucket that comes due moves on
 * whatever was touched meanwhile, so a touch stores one number.
 */
import { IdMap } from '../id-map.ts';

/** What has to be known of a session in whose name something is written. */
export interface SessionView {
  readonly high: number;
  readonly low: number;
  readonly timeoutMs: number;
  closing: boolean;
  readonly isLocal: boolean;
}

export class Session implements SessionView {
  readonly high: number;
  readonly low: number;
  /** The timeout agreed at creation, which the database keeps. */
  timeoutMs: number;
  /** The timeout agreed by the latest connection. */
  leaseMs: number;
  /** End of the lease, a multiple of the tick. */
  deadlineMs = 0;
  /** The bucket it lies in; at or before the deadline. */
  bucketMs = 0;
  /** A closeSession is on its way: nothing of this session is accepted any more. */
  closing = false;
  /** The database knows it; before that its creation is on its way. */
  isOpen = false;
  /** Nobody but the server that gave it out knows of it: no node can belong to it. */
  isLocal = false;
  /** It has given a sign of life; for whoever asks, and takes it back. */
  wasTouched = false;

  constructor(high: number, low: number, timeoutMs: number) {
    this.high = high;
    this.low = low;
    this.timeoutMs = timeoutMs;
    this.leaseMs = timeoutMs;
  }

  /** Unsigned hexadecimal without padding, as tools print it. */
  get text(): string {
    const id = (BigInt(this.high >>> 0) << 32n) | BigInt(this.low >>> 0);
    return `0x${id.toString(16)}`;
  }
}

export class SessionTable {
  readonly #byId = new IdMap<Session>();
  readonly #buckets = new Map<number, Set<Session>>();
  /** Of the first bucket that comes due; found again when it is asked for, if that bucket is gone. */
  #nextDueMs = Number.POSITIVE_INFINITY;
  #knowsNext = true;
  #expected = new IdMap<Session>();
  readonly #tickMs: number;
  #nowMs = 0;

  constructor(tickMs: number) {
    this.#tickMs = tickMs;
  }

  get size(): number {
    return this.#byId.size;
  }

  all(): Generator<Session> {
    return this.#byId.values();
  }

  /** Buckets by their due time, for the dump word. */
  get buckets(): ReadonlyMap<number, ReadonlySet<Session>> {
    return this.#buckets;
  }

  get(high: number, low: number): Session | undefined {
    return this.#byId.get(high, low);
  }

  /** Also one whose creation is on its way. */
  find(high: number, low: number): Session | undefined {
    return this.#byId.get(high, low) ?? this.#expected.get(high, low);
  }

  /** Time as of now; leases opened or touched from here on start at it. */
  advance(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  /** A session whose creation is on its way, so that opening it gives this very object. */
  expect(session: Session): void {
    this.#expected.set(session.high, session.low, session);
  }

  /** Its creation is not on its way, as it turns out. */
  unexpect(session: Session): void {
    this.#expected.delete(session.high, session.low);
  }

  /** Nothing is on its way any more: neither creations nor the ends of sessions that are there. */
  expectNothing(): void {
    this.#expected = new IdMap();
    for (const session of this.all()) session.closing = false;
  }

  open(high: number, low: number, timeoutMs: number): Session {
    const known = this.#byId.get(high, low);
    if (known !== undefined) {
      known.timeoutMs = timeoutMs;
      return known;
    }
    const session = this.#expected.get(high, low) ?? new Session(high, low, timeoutMs);
    this.#expected.delete(high, low);
    session.isOpen = true;
    this.#byId.set(high, low, session);
    this.touch(session);
    return session;
  }

  close(high: number, low: number): void {
    const session = this.#byId.get(high, low);
    if (session === undefined) return;
    session.closing = true;
    session.isOpen = false;
    this.#byId.delete(high, low);
    this.#leaveBucket(session);
  }

  /** Extends the lease; rounded up to a tick, so it is never shorter than was agreed. */
  touch(session: Session): void {
    session.wasTouched = true;
    if (!session.isOpen) return;
    const tick = this.#tickMs;
    const deadline = (Math.floor((this.#nowMs + session.leaseMs) / tick) + 1) * tick;
    // A shorter lease than before must be looked at earlier than its bucket would.
    if (session.bucketMs === 0 || deadline < session.bucketMs) this.#enterBucket(session, deadline);
    session.deadlineMs = deadline;
  }

  /** Every stored session starts over with a full lease when service starts. */
  renewAll(): void {
    for (const session of this.all()) this.touch(session);
  }

  /** When the next bucket is due, or Infinity. */
  nextDueMs(): number {
    if (!this.#knowsNext) {
      this.#knowsNext = true;
      this.#nextDueMs = Number.POSITIVE_INFINITY;
      for (const due of this.#buckets.keys()) if (due < this.#nextDueMs) this.#nextDueMs = due;
    }
    return this.#nextDueMs;
  }

  /** Sessions whose lease has ended by now; they leave their buckets. */
  takeExpired(): Session[] {
    const expired: Session[] = [];
    if (this.nextDueMs() > this.#nowMs) return expired;
    for (const [due, sessions] of [...this.#buckets]) {
      if (due > this.#nowMs) continue;
      for (const session of [...sessions]) {
        if (session.deadlineMs > this.#nowMs) {
          this.#enterBucket(session, session.deadlineMs);
        } else {
          this.#leaveBucket(session);
          if (!session.closing) expired.push(session);
        }
      }
    }
    return expired;
  }

  #enterBucket(session: Session, due: number): void {
    this.#leaveBucket(session);
    let bucket = this.#buckets.get(due);
    if (bucket === undefined) {
      bucket = new Set();
      this.#buckets.set(due, bucket);
      if (due < this.#nextDueMs) this.#nextDueMs = due;
    }
    bucket.add(session);
    session.bucketMs = due;
  }

  #leaveBucket(session: Session): void {
    const due = session.bucketMs;
    session.bucketMs = 0;
    const bucket = this.#buckets.get(due);
    if (bucket === undefined) return;
    bucket.delete(session);
    if (bucket.size > 0) return;
    this.#buckets.delete(due);
    if (due === this.#nextDueMs) this.#knowsNext = false;
  }
}
