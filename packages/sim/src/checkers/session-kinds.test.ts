import { asSessionId, asZxid, ErrorCode, OPEN_ACL, Opcode, type Transaction } from '@zabra/wire';
import { describe, expect, it } from 'vitest';
import { type Ask, Journal, type Operation, type SessionLife } from '../people/journal.ts';
import { judgeKinds, type SessionWorld } from './session-kinds.ts';

const SESSION = 7n;
const TIMEOUT_MS = 4000;

const quiet: SessionWorld = {
  areLocal: true,
  upgrades: false,
  trustsClocks: true,
  startsOf: () => [0],
  proposedAt: () => 500,
};

const create = (flags: number): Ask => ({
  type: Opcode.Create,
  body: { path: '/a', data: null, acl: OPEN_ACL, flags },
});
const read: Ask = { type: Opcode.GetData, body: { path: '/a', watch: false } };
const sync: Ask = { type: Opcode.Sync, body: { path: '/' } };

/** What one client lives through, told step by step. */
class Tale {
  readonly journal = new Journal();
  readonly life: SessionLife = this.journal.open(SESSION, 1);
  #connection = 0;

  connect(
    server: number,
    { session = SESSION, isReadOnly = false, canBeReadOnly = false, atMs = 0 } = {},
  ): this {
    this.#connection += 1;
    const hello = this.#hello(server, session, canBeReadOnly, atMs);
    const greeting = { session: SESSION, timeoutMs: TIMEOUT_MS, atMs: atMs + 1, isReadOnly };
    this.life.heard.push({ kind: 'connected', hello, ...greeting });
    return this;
  }

  refuse(server: number, atMs: number): this {
    this.#connection += 1;
    const hello = this.#hello(server, SESSION, false, atMs);
    this.life.heard.push({ kind: 'refused', hello, atMs });
    return this;
  }

  answer(ask: Ask, error: number, invokedMs = 10): this {
    const operation: Operation = {
      client: 1,
      session: SESSION,
      connection: this.#connection,
      xid: 1,
      ask,
      wish: null,
      invokedMs,
      answer: { atMs: invokedMs + 1, zxid: 3n, error, body: new Uint8Array(0) },
    };
    this.life.sent.push(operation);
    this.life.heard.push({ kind: 'reply', operation });
    return this;
  }

  judge(world: Partial<SessionWorld> = {}, transactions: readonly Transaction[] = []): string {
    return judgeKinds(this.journal, transactions, { ...quiet, ...world }).join('\n');
  }

  #hello(server: number, session: bigint, canBeReadOnly: boolean, atMs: number) {
    return { connection: this.#connection, atMs, session, lastZxid: 0n, server, canBeReadOnly };
  }
}

const born = (): Tale => new Tale().connect(0, { session: 0n });
const begun: Transaction = {
  header: { clientId: asSessionId(SESSION), cxid: 0, zxid: asZxid(5n), time: 0n },
  record: { type: Opcode.CreateSession, body: { timeoutMs: TIMEOUT_MS } },
  digest: null,
};

describe("a session that is its server's alone", () => {
  it('comes back there and nowhere else, until it is known to all', () => {
    expect(born().connect(0, { atMs: 1000 }).judge()).toBe('');
    expect(born().connect(1, { atMs: 1000 }).judge()).toMatch(/taken for its own by server 1/);
    expect(born().connect(1, { atMs: 1000 }).judge({}, [begun])).toBe('');
    expect(born().connect(1, { atMs: 100 }).judge({}, [begun])).toMatch(/taken for its own/);
  });

  it('ends at home when it was silent, closed, or its server has died', () => {
    expect(born().refuse(0, 1000).judge()).toMatch(/ended at home after 1000 ms/);
    expect(born().refuse(0, TIMEOUT_MS).judge()).toBe('');
    expect(born().answer(read, 0, 3000).refuse(0, TIMEOUT_MS).judge()).toMatch(/after 1000 ms/);
    expect(born().refuse(1, 1000).judge()).toBe('');
    expect(
      born()
        .refuse(0, 1000)
        .judge({ startsOf: () => [0, 500] }),
    ).toBe('');
    const closing: Ask = { type: Opcode.CloseSession, body: null };
    expect(born().answer(closing, 0).refuse(0, 1000).judge()).toBe('');
    expect(born().refuse(0, 1000).judge({ trustsClocks: false })).toBe('');
  });

  it('is refused nodes of its own, and nothing else', () => {
    const refused = ErrorCode.EphemeralOnLocalSession;
    expect(born().answer(create(1), refused).judge()).toBe('');
    expect(born().answer(create(0), refused).judge()).toMatch(/as if nobody knew of it/);
    expect(born().answer(create(1), refused).judge({ upgrades: true })).toMatch(/as if nobody/);
    expect(born().answer(create(1), refused).judge({ areLocal: false })).toMatch(/as if nobody/);
  });

  it('has an id of its own', () => {
    expect(born().connect(0, { session: 0n }).judge()).toMatch(/given out twice/);
  });
});

describe('a server that only reads', () => {
  const reader = { session: 0n, isReadOnly: true, canBeReadOnly: true };
  const refused = ErrorCode.NotReadOnly;

  it('refuses whatever would have to be agreed on', () => {
    const tale = new Tale().connect(0, reader).answer(create(0), refused).answer(sync, refused);
    expect(tale.answer(read, 0).judge()).toBe('');
    expect(new Tale().connect(0, reader).answer(create(0), 0).judge()).toMatch(/only reads/);
    expect(new Tale().connect(0, reader).answer(sync, 0).judge()).toMatch(/only reads/);
    expect(new Tale().connect(0, reader).answer(read, refused).judge()).toMatch(/only reads/);
  });

  it('says so, and to those alone who take it', () => {
    expect(born().answer(create(0), refused).judge()).toMatch(/only reads/);
    const tale = new Tale().connect(0, { ...reader, canBeReadOnly: false });
    expect(tale.judge()).toMatch(/will not do for it/);
  });
});
