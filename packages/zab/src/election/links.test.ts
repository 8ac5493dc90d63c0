/**
 * Links against anything that a network can bring: calls, greetings and votes in any order and any
 * pieces, and plain noise. Whatever comes, the body is never asked for what it cannot do, and what is
 * kept stays bounded. What the links do with what is meant well is told in testdata/election-links.
 */
import {
  appendNotificationFrame,
  asServerId,
  asZxid,
  encodeInitialMessage,
  JuteWriter,
  type Notification,
  type ServerId,
} from '@zabra/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DIALS_MAX, ElectionLinks, GREETINGS_MAX, STRANGERS_MAX } from './links.ts';
import { Notices } from './notices.ts';

const OWN = asServerId(5n);
const MEMBERS = [1n, 5n, 9n].map(asServerId);

/** A body that believes nothing of what it is told to do. */
class SuspiciousBody {
  readonly #links: ElectionLinks;
  /** Whether each open link still owes a flush. */
  readonly #open = new Map<number, boolean>();
  readonly #calling = new Set<ServerId>();
  #nextLink = 1;
  #nowMs = 0;

  constructor() {
    const settings = {
      id: OWN,
      addresses: [{ host: 'h5', port: 3888 }],
      form: 'v1' as const,
      greetingMs: 5000,
    };
    const inbox = {
      onNotification: (from: ServerId) => expect(from).not.toBe(OWN),
      onUnreachable: () => {},
    };
    this.#links = new ElectionLinks(settings, inbox, new Notices());
    const others = MEMBERS.filter((id) => id !== OWN);
    this.#links.configure(
      new Map(others.map((id) => [id, [{ host: `h${id}`, port: 3888 }]])),
      null,
    );
  }

  get openLinks(): readonly number[] {
    return [...this.#open.keys()];
  }

  accept(): void {
    this.#opened(null);
  }

  answerCall(isAnswered: boolean): void {
    for (const id of this.#calling) {
      this.#calling.delete(id);
      if (isAnswered) this.#opened(id);
      else this.#links.dialFailed(id);
      return;
    }
  }

  receive(which: number, chunk: Uint8Array): void {
    const link = this.#pick(which);
    if (link !== undefined) this.#links.received(link, chunk, this.#nowMs);
    this.#take();
  }

  lose(which: number): void {
    const link = this.#pick(which);
    if (link === undefined) return;
    this.#open.delete(link);
    this.#links.closed(link);
    this.#take();
  }

  flush(which: number): void {
    const link = this.#pick(which);
    if (link === undefined || this.#open.get(link) !== true) return;
    this.#open.set(link, false);
    this.#links.flushed(link);
    this.#take();
  }

  /** Within a turn, which may go on. */
  send(to: ServerId, vote: Notification, isEnd: boolean): void {
    this.#links.send(to, vote);
    if (isEnd) this.#take();
  }

  wait(byMs: number): void {
    this.#nowMs += byMs;
    this.#links.onTimer(this.#nowMs);
    this.#links.dialAll();
    this.#take();
    expect(this.#links.wakeAt()).toBeGreaterThan(this.#nowMs);
  }

  restart(): void {
    this.#links.restart();
    this.#take();
    expect(this.#open.size).toBe(0);
  }

  #opened(dialled: ServerId | null): void {
    const link = this.#nextLink;
    this.#nextLink += 1;
    this.#open.set(link, false);
    this.#links.linkOpened(link, dialled, this.#nowMs);
    this.#take();
  }

  #pick(which: number): number | undefined {
    return this.openLinks[which % Math.max(1, this.#open.size)];
  }

  #take(): void {
    const closed = new Set<number>();
    for (const { link, bytes } of this.#links.takeOutput()) {
      expect(bytes.length).toBeGreaterThan(0);
      expect(this.#open.get(link), 'one output at a time, for links that are open').toBe(false);
      this.#open.set(link, true);
    }
    for (const order of this.#links.takeOrders()) {
      if (order.kind === 'closeLink') {
        expect(this.#open.delete(order.link), 'only what is open can be closed').toBe(true);
        closed.add(order.link);
        continue;
      }
      expect(order.to).not.toBe(OWN);
      expect(order.addresses.length).toBeGreaterThan(0);
      expect(this.#calling.has(order.to), 'nobody is called twice at a time').toBe(false);
      this.#calling.add(order.to);
    }
    // What was closed may still say something before it hears of it.
    for (const link of closed) this.#links.received(link, Uint8Array.of(0, 0, 0), this.#nowMs);
    const linksMax = MEMBERS.length + STRANGERS_MAX + GREETINGS_MAX + 1;
    expect(this.#open.size).toBeLessThanOrEqual(linksMax);
    expect(this.#calling.size).toBeLessThanOrEqual(DIALS_MAX + MEMBERS.length);
  }
}

const ids = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...MEMBERS) },
  fc.bigInt({ min: -3n, max: 200n }).map(asServerId),
  fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }).map(asServerId),
);

const votes = fc.record({
  state: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
  leader: ids,
  zxid: fc.bigInt({ min: -1n, max: 9n }).map(asZxid),
  electionEpoch: fc.bigInt({ min: -1n, max: 9n }),
  peerEpoch: fc.bigInt({ min: -1n, max: 9n }),
  version: fc.constantFrom(0, 1, 2, 7),
  config: fc.string(),
});

const greetings = fc
  .tuple(ids, fc.constantFrom('bare', 'v1', 'v2'), fc.constantFrom('h', '0.0.0.0', '::1'))
  .map(([serverId, form, host]) => {
    const writer = new JuteWriter();
    encodeInitialMessage(writer, { form, serverId, addresses: [{ host, port: 3888 }] });
    return writer.finish();
  });

const frames = votes.map((vote) => {
  const writer = new JuteWriter();
  appendNotificationFrame(writer, vote);
  return writer.finish();
});

const chunks = fc
  .tuple(
    fc.array(fc.oneof(greetings, frames, fc.uint8Array({ maxLength: 20 })), { maxLength: 3 }),
    fc.nat(60),
  )
  .map(([parts, cut]) =>
    Uint8Array.from(parts.flatMap((part) => [...part])).subarray(0, -cut || undefined),
  );

const which = fc.nat(300);
const steps = fc.oneof(
  fc.constant((body: SuspiciousBody) => body.accept()),
  fc.boolean().map((is) => (body: SuspiciousBody) => body.answerCall(is)),
  fc.tuple(which, greetings).map(([n, bytes]) => (body: SuspiciousBody) => {
    body.accept();
    body.receive(body.openLinks.length - 1 - (n % 2), bytes);
  }),
  fc.tuple(which, chunks).map(
    ([n, chunk]) =>
      (body: SuspiciousBody) =>
        body.receive(n, chunk),
  ),
  which.map((n) => (body: SuspiciousBody) => body.lose(n)),
  // A link that dies in the turn in which there was something to say on it.
  fc.tuple(which, votes).map(([n, vote]) => (body: SuspiciousBody) => {
    for (const id of MEMBERS) if (id !== OWN) body.send(id, vote, false);
    body.lose(n);
  }),
  which.map((n) => (body: SuspiciousBody) => body.flush(n)),
  fc
    .tuple(
      ids.filter((id) => id !== OWN),
      votes,
      fc.boolean(),
    )
    .map(
      ([to, vote, isEnd]) =>
        (body: SuspiciousBody) =>
          body.send(to, vote, isEnd),
    ),
  fc.nat(6000).map((ms) => (body: SuspiciousBody) => body.wait(ms)),
);

test('the body is never asked for what it cannot do', () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 120 }), (list) => {
      const body = new SuspiciousBody();
      for (const step of list) step(body);
      body.restart();
    }),
    { numRuns: 300 },
  );
});

test('a crowd of strangers is kept within bounds', () => {
  const body = new SuspiciousBody();
  for (let i = 0; i < 1000; i += 1) {
    const writer = new JuteWriter();
    const serverId = asServerId(BigInt(i % 2 === 0 ? 1000 + i : -1000 - i));
    encodeInitialMessage(writer, { form: 'v1', serverId, addresses: [{ host: 'h', port: 1 }] });
    body.accept();
    if (i % 3 > 0) body.receive(body.openLinks.length - 1, writer.finish());
  }
  expect(body.openLinks.length).toBeGreaterThan(GREETINGS_MAX);
});
