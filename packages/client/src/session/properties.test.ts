/**
 * What holds for a session whatever a server sends and however it comes: chunks make no difference,
 * no bytes are thrown, and every request ends once, in the order in which they were asked.
 */
import { decodeRequestHeader, JuteReader, Opcode, Xid } from '@zabra/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Report } from './contract.ts';
import { Session } from './session.ts';
import { sessionSettings } from './settings.ts';
import { makeRequest } from './testing/make-request.ts';
import { answer, event, ScriptServer, welcome } from './testing/script-server.ts';
import { showReport } from './testing/show-report.ts';

const GREETING = welcome({ session: 0x10n, timeoutMs: 9000 });
const servers = [{ host: 'a', port: 2181 }];

/** A session and the one server it talks to, which owes it answers. */
class Talk {
  readonly session: Session;
  readonly told: Report[] = [];
  nowMs = 0;
  link = 0;
  #server = new ScriptServer(0, servers[0]!);

  constructor(inFlightRequestsMax = 1000) {
    const bounds = { inFlightRequestsMax, jitterMsMax: 0, roundPauseMs: 0, brokenPauseMs: 0 };
    this.session = new Session(sessionSettings({ servers, timeoutMs: 9000, ...bounds }));
    this.session.start();
    this.turn();
  }

  get owed(): number[] {
    return this.#server.owed;
  }

  turn(): void {
    this.session.turn();
    for (const order of this.session.takeOrders()) {
      if (order.kind === 'disconnect') this.link = 0;
      else {
        this.link = order.link;
        this.#server = new ScriptServer(order.link, order.endpoint);
      }
    }
    for (const { bytes } of this.session.takeOutput()) this.#server.receive(bytes);
    this.told.push(...this.session.takeReports());
  }

  hear(bytes: Uint8Array): void {
    this.session.received(this.link, bytes);
    this.turn();
  }

  greeted(): this {
    this.session.connected(this.link);
    this.turn();
    this.hear(GREETING);
    return this;
  }

  cut(): void {
    const { link } = this;
    this.link = 0;
    this.session.disconnected(link);
    this.turn();
  }

  get completed(): number[] {
    return this.told.flatMap((report) => (report.kind === 'completion' ? [report.token] : []));
  }

  get words(): string[] {
    return this.told.map(showReport);
  }
}

const operations = ['create', 'setData', 'getData', 'exists', 'getChildren', 'addWatch', 'sync'];

const requests = fc.array(
  fc.record({
    operation: fc.constantFrom(...operations),
    path: fc.constantFrom('/a', '/a/b', '/c'),
    isWatching: fc.boolean(),
    error: fc.constantFrom(0, 0, -101, -999),
    event: fc.constantFrom(0, 1, 2, 3, 4),
  }),
  { minLength: 1, maxLength: 12 },
);

type Asked = typeof requests extends fc.Arbitrary<infer T> ? T : never;

function ask(talk: Talk, asked: Asked): void {
  for (const [i, { operation, path, isWatching }] of asked.entries()) {
    const watches = isWatching && !['create', 'setData', 'sync'].includes(operation);
    const watcher = watches ? i : null;
    talk.session.request(makeRequest({ token: i + 1, operation, path, watcher }));
  }
  talk.turn();
}

function answering(asked: Asked): Talk {
  const talk = new Talk().greeted();
  ask(talk, asked);
  return talk;
}

/** All that a server says to these requests. */
function stream(talk: Talk, asked: Asked): Uint8Array {
  const parts = talk.owed.map((xid, i) => {
    const { error, event: type, path } = asked[i]!;
    const reply = answer({ xid, zxid: BigInt(i + 1), error, body: new Uint8Array(i) });
    return type === 0 ? [reply] : [event(type, path, -1n), reply];
  });
  return joined(parts.flat());
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

const tokens = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

describe('a session', { timeout: 60_000 }, () => {
  it('makes the same of the same bytes, however they are cut', () => {
    const property = fc.property(
      requests,
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
      (asked, lengths) => {
        const whole = new Talk();
        whole.session.connected(whole.link);
        whole.turn();
        ask(whole, asked);
        whole.hear(GREETING);
        const said = stream(whole, asked);
        whole.hear(said);
        const pieces = new Talk();
        pieces.session.connected(pieces.link);
        pieces.turn();
        ask(pieces, asked);
        // What answers a request cannot come with what is older than the request.
        for (const bytes of [GREETING, said]) {
          for (let at = 0, i = 0; at < bytes.length; i += 1) {
            const length = lengths[i % lengths.length]!;
            pieces.hear(bytes.slice(at, at + length));
            at += length;
          }
        }
        expect(pieces.words).toEqual(whole.words);
        expect(whole.completed).toEqual(tokens(asked.length));
      },
    );
    fc.assert(property, { numRuns: 300 });
  });

  it('throws nothing whatever a server sends, and ends every request once', () => {
    const change = fc.record({
      at: fc.nat(400),
      bytes: fc.uint8Array({ maxLength: 6 }),
      dropped: fc.integer({ min: 0, max: 6 }),
    });
    const property = fc.property(
      requests,
      fc.array(change, { minLength: 1, maxLength: 5 }),
      (asked, changes) => {
        const talk = new Talk().greeted();
        ask(talk, asked);
        let bytes: number[] = [...stream(talk, asked)];
        for (const { at, bytes: put, dropped } of changes)
          bytes.splice(at % bytes.length, dropped, ...put);
        talk.hear(Uint8Array.from(bytes));
        expect(talk.completed).toEqual(tokens(talk.completed.length));
        bytes = [];
        talk.session.detach();
        talk.turn();
        expect(talk.completed).toEqual(tokens(asked.length));
      },
    );
    fc.assert(property, { numRuns: 1000 });
  });

  it('survives any greeting', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const talk = new Talk();
      talk.session.connected(talk.link);
      talk.turn();
      talk.hear(Uint8Array.from([0, 0, 0, bytes.length, ...bytes]));
      talk.session.detach();
      talk.turn();
      expect(talk.session.state).toBe('closed');
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('ends each request once and in order, wherever connections are cut (B-80)', () => {
    const property = fc.property(
      requests,
      fc.array(fc.nat(300), { maxLength: 4 }),
      fc.integer({ min: 1, max: 6 }),
      (asked, cuts, inFlightMax) => {
        const talk = new Talk(inFlightMax).greeted();
        ask(talk, asked);
        for (const cut of [...cuts, Number.POSITIVE_INFINITY]) {
          let left = cut;
          while (left > 0 && talk.owed.length > 0) {
            const xid = talk.owed.shift()!;
            const reply = answer({ xid, zxid: 1n, error: 0 });
            talk.hear(reply.slice(0, Math.min(left, reply.length)));
            left -= reply.length;
          }
          if (cut === Number.POSITIVE_INFINITY) break;
          talk.cut();
          talk.greeted();
        }
        expect(talk.completed).toEqual(tokens(asked.length));
        for (const report of talk.told) {
          if (report.kind !== 'completion') continue;
          expect(report.maybeApplied).toBe(true);
        }
        expect(talk.session.pendingCount).toBe(0);
      },
    );
    fc.assert(property, { numRuns: 500 });
  });

  it('tells what was answered from what was not, at every byte of an answer', () => {
    const asked: Asked = operations.map((operation) => ({
      operation,
      path: '/a',
      isWatching: false,
      error: 0,
      event: 0,
    }));
    const said = stream(answering(asked), asked);
    let answered = 0;
    for (let at = 0; at <= said.length; at += 1) {
      const talk = answering(asked);
      talk.hear(said.slice(0, at));
      talk.cut();
      const outcomes = talk.told.flatMap((report) =>
        report.kind === 'completion' ? [report.outcome] : [],
      );
      expect(outcomes).toHaveLength(asked.length);
      const count = outcomes.filter((outcome) => outcome === 'answered').length;
      expect(outcomes.slice(count)).toEqual(Array(asked.length - count).fill('connection-loss'));
      expect(count - answered).toBeGreaterThanOrEqual(0);
      expect(count - answered).toBeLessThanOrEqual(1);
      answered = count;
    }
    expect(answered).toBe(asked.length);
  });

  it('sends nothing but whole frames, pings and requests by their numbers', () => {
    const talk = new Talk().greeted();
    talk.session.request(makeRequest({ token: 1, operation: 'getData', path: '/a' }));
    talk.session.begin(3000);
    talk.session.turn();
    const [output] = talk.session.takeOutput();
    const reader = JuteReader.over(output!.bytes);
    expect(reader.int()).toBe(8);
    expect(decodeRequestHeader(reader)).toEqual({ xid: Xid.Ping, type: Opcode.Ping });
    expect(reader.int()).toBe(output!.bytes.length - 16);
    expect(decodeRequestHeader(reader)).toEqual({ xid: 1, type: Opcode.GetData });
  });

  it('answers ten thousand mixed requests with events between, in order', () => {
    const talk = new Talk(10_000).greeted();
    const count = 10_000;
    for (let i = 1; i <= count; i += 1) {
      const operation = operations[i % 7]!;
      const watcher = operation.startsWith('get') ? i : null;
      talk.session.request(makeRequest({ token: i, operation, path: `/n${i % 50}`, watcher }));
    }
    talk.turn();
    expect(talk.owed).toHaveLength(count);
    const said = talk.owed.map((xid, i) =>
      i % 5 === 0
        ? joined([event(3, `/n${i % 50}`, -1n), answer({ xid, zxid: BigInt(i), error: 0 })])
        : answer({ xid, zxid: BigInt(i), error: 0 }),
    );
    talk.hear(joined(said));
    expect(talk.completed).toEqual(tokens(count));
  });

  it('is not disturbed by links that are gone', () => {
    const talk = new Talk().greeted();
    const old = talk.link;
    talk.cut();
    const before = talk.words.length;
    talk.session.received(old, GREETING);
    talk.session.connected(old);
    talk.session.disconnected(old);
    talk.turn();
    expect(talk.words).toHaveLength(before);
    expect(talk.session.state).toBe('suspended');
  });
});
