/** The checkers themselves, on short histories that are right, and on the same with one thing wrong. */
import {
  asSessionId,
  asZxid,
  CreateFlags,
  ErrorCode,
  EventType,
  JuteWriter,
  OPEN_ACL,
  Opcode,
  operations,
  type Transaction,
} from '@zabra/wire';
import { describe, expect, it } from 'vitest';
import { type Ask, type Heard, type Operation, SessionLife } from '../people/journal.ts';
import { judgeExpiry } from './expiry.ts';
import { agreementOf } from './server-log.ts';
import { completionOf, judgeHandles, judgeSession } from './session-order.ts';
import { replay } from './version-order.ts';
import { judgeWatches } from './watch-order.ts';

const SESSION = asSessionId(5n);

const txn = (zxid: bigint, cxid: number, record: Transaction['record']): Transaction => ({
  header: { clientId: SESSION, cxid, zxid: asZxid(zxid), time: 0n },
  record,
  digest: null,
});

const opening = txn(1n, 0, { type: Opcode.CreateSession, body: { timeoutMs: 4000 } });

const creating = (zxid: bigint, cxid: number, path: string, parentCversion: number): Transaction =>
  txn(zxid, cxid, {
    type: Opcode.Create,
    body: { path, data: null, acl: OPEN_ACL, ephemeral: false, parentCversion },
  });

const createOf = (path: string, flags: number = CreateFlags.Persistent): Ask => ({
  type: Opcode.Create,
  body: { path, data: null, acl: OPEN_ACL, flags },
});

const reaping = (zxid: bigint, path: string): Transaction => {
  const reaper = { clientId: asSessionId(0n), cxid: 0, zxid: asZxid(zxid), time: 0n };
  const record = { type: Opcode.DeleteContainer, body: { path } } as const;
  return { header: reaper, record, digest: null };
};

const withTtl = (zxid: bigint, path: string, ttl: bigint): Transaction =>
  txn(zxid, 1, {
    type: Opcode.CreateTtl,
    body: { path, data: null, acl: OPEN_ACL, parentCversion: 1, ttl },
  });

const ttlOf = (path: string): Ask => ({
  type: Opcode.CreateTtl,
  body: { path, data: null, acl: OPEN_ACL, flags: 5, ttl: 1000n },
});

const ephemeralsOf = (prefixPath: string): Ask => ({
  type: Opcode.GetEphemerals,
  body: { prefixPath },
});

const countOf = (path: string): Ask => ({ type: Opcode.GetAllChildrenNumber, body: { path } });

function ephemerals(paths: readonly string[]): Uint8Array {
  const writer = new JuteWriter();
  operations[Opcode.GetEphemerals].encodeResponse(writer, { ephemerals: paths });
  return writer.finish();
}

function count(totalNumber: number): Uint8Array {
  const writer = new JuteWriter();
  operations[Opcode.GetAllChildrenNumber].encodeResponse(writer, { totalNumber });
  return writer.finish();
}

const watchOf = (path: string): Ask => ({ type: Opcode.Exists, body: { path, watch: true } });
const sync: Ask = { type: Opcode.Sync, body: { path: '/' } };

interface Told {
  readonly zxid: bigint;
  readonly invokedMs?: number;
  readonly atMs?: number;
  readonly error?: number;
  readonly body?: Uint8Array;
  readonly connection?: number;
}

/** An operation that was answered, or was not where nothing is told. */
function asked(xid: number, ask: Ask, told: Told | null): Operation {
  const { invokedMs = xid * 10, atMs = xid * 10 + 5, zxid, error = 0 } = told ?? { zxid: 0n };
  const body = told?.body ?? new Uint8Array(0);
  const answer = told === null ? null : { atMs, zxid, error, body };
  return {
    client: 1,
    session: SESSION,
    connection: told?.connection ?? 1,
    xid,
    ask,
    wish: null,
    invokedMs,
    answer,
  };
}

const connected = (connection: number): Heard => {
  const hello = { connection, atMs: 0, session: SESSION, lastZxid: 0n };
  return { kind: 'connected', hello, session: SESSION, timeoutMs: 4000, atMs: 0 };
};

function created(path: string): Uint8Array {
  const writer = new JuteWriter();
  operations[Opcode.Create].encodeResponse(writer, { path });
  return writer.finish();
}

const reply = (operation: Operation): Heard => ({ kind: 'reply', operation });

function lifeOf(heard: readonly Heard[], sent: readonly Operation[] = []): SessionLife {
  const life = new SessionLife(SESSION, 1);
  life.heard.push(connected(1), ...heard);
  life.sent.push(...sent);
  return life;
}

describe('the order of versions', () => {
  const log = [opening, creating(2n, 1, '/a', 1), creating(3n, 2, '/b', 2)];
  const first = asked(1, createOf('/a'), { zxid: 2n, body: created('/a') });
  const second = asked(2, createOf('/b'), { zxid: 3n, body: created('/b') });

  it('is right where it is right', () => {
    expect(replay(log, [first, second]).violations).toEqual([]);
    expect(replay(log, [first, { ...second, answer: null }]).violations).toEqual([]);
  });

  it('is right where a request came late by a connection that was left', () => {
    const refused = txn(3n, 2, { type: Opcode.Error, body: { err: ErrorCode.SessionMoved } });
    const late = [opening, creating(2n, 1, '/a', 1), refused];
    expect(replay(late, [first, { ...second, answer: null }]).violations).toEqual([]);
    expect(replay(late, [first, second]).violations.join()).toMatch(/was decided as -118/);
  });

  it('does not count what came late by a connection that was left, behind the end of its session', () => {
    const closing = txn(3n, 9, { type: Opcode.CloseSession, body: { paths: [] } });
    const refused = (zxid: bigint): Transaction =>
      txn(zxid, 2, { type: Opcode.Error, body: { err: ErrorCode.SessionExpired } });
    const late = { ...second, answer: null };
    const ended = replay([opening, log[1]!, closing, refused(4n)], [first, late]);
    expect(ended.violations).toEqual([]);
    expect(ended.zxids.has(late)).toBe(false);
    expect([...ended.leftBehind]).toEqual([late]);
    expect(replay([opening, log[1]!, refused(3n)], [first, late]).violations.join()).toMatch(
      /was decided as -112 and should be 0/,
    );
  });

  it("knows of sessions that are their server's alone, if it is told that there are any", () => {
    const log = [creating(1n, 1, '/a', 1)];
    const writes = [asked(1, createOf('/a'), { zxid: 1n, body: created('/a') })];
    expect(replay(log, writes, { knowsLocal: true }).violations).toEqual([]);
    expect(replay(log, writes).violations.join()).toMatch(/was decided as 0 and should be -112/);
    const own = asked(1, createOf('/a', CreateFlags.Ephemeral), { zxid: 1n, body: created('/a') });
    expect(replay(log, [own], { knowsLocal: true }).violations.join()).toMatch(
      /was decided as 0 and should be -112/,
    );
    const closing = txn(2n, 9, { type: Opcode.CloseSession, body: { paths: [] } });
    const late = creating(3n, 2, '/b', 2);
    const after = asked(2, createOf('/b'), { zxid: 3n, body: created('/b') });
    const ended = replay([opening, closing, late], [after], { knowsLocal: true });
    expect(ended.violations.join()).toMatch(/was decided as 0 and should be -112/);
  });

  it('does not ask who strangers are', () => {
    expect(
      replay(log, [first], { isStranger: (session) => session === SESSION }).violations,
    ).toEqual([]);
  });

  it.each<[what: string, log: readonly Transaction[], asked: readonly Operation[], told: RegExp]>([
    ['a write that is lost', log.slice(0, 2), [first, second], /3 was acknowledged .* is lost/],
    ['a write that nobody asked for', log, [first], /nobody has asked for transaction 3/],
    [
      'a write that is done twice',
      [...log, creating(4n, 2, '/b', 3)],
      [first, second],
      /request 2 of 5 was done twice/,
    ],
    [
      'a write that should have been refused',
      [opening, creating(2n, 1, '/a/b', 1)],
      [asked(1, createOf('/a/b'), null)],
      /decided as 0 and should be -101/,
    ],
    [
      'a write that should not have been refused',
      [opening, txn(2n, 1, { type: Opcode.Error, body: { err: ErrorCode.NodeExists } })],
      [asked(1, createOf('/a'), { zxid: 2n, error: ErrorCode.NodeExists })],
      /decided as -110 and should be 0/,
    ],
    [
      'a write before one that was complete when it was asked for',
      log,
      [
        { ...first, invokedMs: 100, answer: { ...first.answer!, atMs: 101 } },
        { ...second, invokedMs: 10, answer: { ...second.answer!, atMs: 15 } },
      ],
      /2 was asked for when 3 was complete/,
    ],
    [
      'a session that is given out twice',
      [...log, txn(4n, 0, opening.record)],
      [first, second],
      /session 5 was given out twice/,
    ],
    [
      'a node that goes by itself and should stay',
      [...log, reaping(4n, '/a')],
      [first, second],
      /\/a was reaped and should stay/,
    ],
    [
      'a node that goes by itself before its time',
      [opening, withTtl(2n, '/t', 1000n), reaping(3n, '/t')],
      [asked(1, ttlOf('/t'), null)],
      /\/t was reaped after 0 ms and had 1000/,
    ],
    [
      'ephemerals that are none',
      log,
      [first, second, asked(3, ephemeralsOf('/'), { zxid: 3n, body: ephemerals(['/a']) })],
      /ephemerals below \/ were read as of 3 as \/a and should be $/,
    ],
    [
      'nodes that are miscounted',
      log,
      [first, second, asked(3, countOf('/'), { zxid: 3n, body: count(4) })],
      /the nodes below \/ were counted as of 3 as 4 and should be 5/,
    ],
    [
      'a read that is older than it says',
      log,
      [first, second, asked(3, watchOf('/b'), { zxid: 3n, error: ErrorCode.NoNode })],
      /\/b was read as of 3 with -101 and should give 0/,
    ],
  ])('objects to %s', (_what, transactions, list, told) => {
    expect(replay(transactions, list).violations.join()).toMatch(told);
  });
});

describe('the order of a session', () => {
  const judge = (
    life: SessionLife,
    others: readonly Operation[] = [],
    leftBehind: readonly Operation[] = [],
    refused: readonly Operation[] = [],
  ): string => {
    const zxids = new Map(life.sent.map((one) => [one, one.answer?.zxid ?? 0n] as const));
    for (const [one, zxid] of zxids) if (zxid === 0n) zxids.delete(one);
    const mayBeRefused = new Set(refused);
    const done = { zxids, leftBehind: new Set(leftBehind), mayBeRefused };
    return judgeSession(life, done, completionOf([...life.sent, ...others])).join();
  };

  it('is right where it is right', () => {
    const sent = [1, 2].map((i) => asked(i, createOf('/a'), { zxid: BigInt(i) }));
    expect(judge(lifeOf(sent.map(reply), sent))).toBe('');
  });

  it('objects to what goes back', () => {
    const reads = [7n, 6n].map((zxid, i) => asked(i + 1, watchOf('/a'), { zxid }));
    expect(judge(lifeOf(reads.map(reply)))).toMatch(/saw 6 behind 7/);
  });

  it('objects to a write that overtakes another', () => {
    const sent = [4n, 3n].map((zxid, i) => asked(i + 1, createOf('/a'), { zxid }));
    expect(judge(lifeOf([], sent))).toMatch(/had 3 done behind 4/);
  });

  it('objects to a write that is left out, on one connection', () => {
    const left = asked(1, createOf('/a'), null);
    const done = (connection: number): Operation =>
      asked(2, createOf('/b'), { zxid: 3n, connection });
    expect(judge(lifeOf([], [left, done(1)]))).toMatch(/had 2 done and not 1 before it/);
    expect(judge(lifeOf([], [left, done(2)]))).toBe('');
    // Its server may have refused it by itself, and nobody has heard of that.
    expect(judge(lifeOf([], [left, done(1)]), [], [], [left])).toBe('');
  });

  it('lets a session end by a connection that it has left, and nothing else be done there', () => {
    const left = asked(1, createOf('/a'), null);
    const lost = asked(2, createOf('/b'), null);
    const end = asked(3, { type: Opcode.CloseSession, body: null }, { zxid: 3n });
    expect(judge(lifeOf([], [left, end]), [], [left])).toBe('');
    expect(judge(lifeOf([], [left, lost, end]), [], [left])).toMatch(/had 3 done and not 2/);
    const write = asked(3, createOf('/c'), { zxid: 3n });
    expect(judge(lifeOf([], [left, write]), [], [left])).toMatch(/had 3 done and not 1/);
  });

  it('objects to what a sync does not show', () => {
    const other = { ...asked(1, createOf('/a'), { zxid: 9n, atMs: 5 }), session: 6n };
    const synced = asked(2, sync, { zxid: 8n, invokedMs: 6 });
    const read = (zxid: bigint): Operation => asked(3, watchOf('/a'), { zxid });
    expect(judge(lifeOf([reply(synced), reply(read(8n))]), [other])).toMatch(
      /saw 8 .* synced to 9/,
    );
    expect(judge(lifeOf([reply(synced), reply(read(9n))]), [other])).toBe('');
  });
});

describe('the order of a session with two handles', () => {
  const handle = (connection: number, helloMs: number, zxid: bigint): SessionLife => {
    const operation = asked(connection, createOf('/a'), { zxid, connection });
    const life = new SessionLife(SESSION, connection);
    life.sent.push(operation);
    const hello = { connection, atMs: helloMs, session: SESSION, lastZxid: 0n };
    const atMs = helloMs + 5;
    life.heard.push({ kind: 'connected', hello, session: SESSION, timeoutMs: 4000, atMs });
    return life;
  };
  const judge = (...lives: readonly SessionLife[]): string => {
    const operations = lives.flatMap(({ sent }) => sent);
    return judgeHandles(lives, new Map(operations.map((one) => [one, one.answer!.zxid]))).join();
  };

  it('is right where the newer connection follows the older', () => {
    expect(judge(handle(1, 0, 2n), handle(2, 10, 3n))).toBe('');
  });

  it('may be any while nobody knows which is newer', () => {
    expect(judge(handle(1, 0, 3n), handle(2, 3, 2n))).toBe('');
  });

  it('is wrong where the older connection goes on', () => {
    expect(judge(handle(1, 0, 3n), handle(2, 10, 2n))).toMatch(
      /had 3 done on connection 1 behind 2 on connection 2/,
    );
  });
});

describe('the order of watches', () => {
  const { changes } = replay([opening, creating(2n, 1, '/a', 1)], []);
  const setting = reply(asked(1, watchOf('/a'), { zxid: 1n, error: ErrorCode.NoNode }));
  const showing = reply(asked(2, watchOf('/c'), { zxid: 2n, error: ErrorCode.NoNode }));
  const event = (type: number, path: string, zxid: bigint): Heard => ({
    kind: 'event',
    type,
    path,
    zxid,
  });
  const told = event(EventType.Created, '/a', 2n);
  const away = connected(2);
  const missed = event(EventType.Created, '/a', -1n);
  const body = {
    relativeZxid: asZxid(1n),
    dataWatches: [],
    existWatches: ['/a'],
    childWatches: [],
  };
  const again = reply(asked(-8, { type: Opcode.SetWatches, body }, { zxid: 2n }));
  const judge = (...heard: Heard[]): string => judgeWatches(lifeOf(heard), changes).join();

  it('is right where it is right', () => {
    expect(judge(setting, told, showing)).toBe('');
    expect(judge(setting, away, missed, again)).toBe('');
    const anew = reply(asked(3, watchOf('/a'), { zxid: 2n }));
    expect(judge(setting, away, anew, connected(3), again)).toBe('');
  });

  it.each<[what: string, heard: readonly Heard[], sentence: RegExp]>([
    ['an event that never comes', [setting, showing], /was not told that \/a changed at 2/],
    ['an event behind what shows it', [setting, showing, told], /was not told that \/a changed/],
    ['an event that comes twice', [setting, told, told], /had not asked/],
    ['an event of another kind', [setting, event(EventType.Deleted, '/a', 2n)], /there was 1 at 2/],
    [
      'an event of another moment',
      [setting, event(EventType.Created, '/a', 1n)],
      /there was 1 at 2/,
    ],
    ['an event without a watch', [told], /had not asked/],
    ['an event that is missed while away', [setting, away, again], /while it was away/],
  ])('objects to %s', (_what, heard, sentence) => {
    expect(judge(...heard)).toMatch(sentence);
  });
});

describe('the end of a session', () => {
  const closing = txn(3n, 0, { type: Opcode.CloseSession, body: { paths: [] } });
  const read = asked(1, watchOf('/a'), { zxid: 1n, invokedMs: 100 });
  const judge = (endedMs: number, pingedMs: number[] = [], unheardMs = 0): string => {
    const life = lifeOf([], [read]);
    life.timeoutMs = 4000;
    life.pingedMs.push(...pingedMs);
    return judgeExpiry([life], [opening, closing], new Map(), () => endedMs, unheardMs).join();
  };

  it('may come when nothing was heard for as long as was granted', () => {
    expect(judge(4100)).toBe('');
    expect(judge(7000, [3000])).toBe('');
  });

  it('may come sooner where nobody but a server that has lost the leader was still spoken to', () => {
    expect(judge(5500, [1400, 2700, 4000], 2600)).toBe('');
    expect(judge(5300, [1400, 2700, 4000], 2600)).toMatch(/was ended after 3900 ms and had 4000/);
    expect(judge(5500, [1400, 2700, 4000], 1300)).toMatch(/was ended after 2800 ms/);
  });

  it('may not come sooner, unless it was asked for', () => {
    expect(judge(4000)).toMatch(/was ended after 3900 ms and had 4000/);
    expect(judge(5000, [3000])).toMatch(/was ended after 2000 ms/);
    const life = lifeOf([], [read]);
    const wish = asked(2, { type: Opcode.CloseSession, body: null }, null);
    const zxids = new Map([[wish, 3n]]);
    expect(judgeExpiry([life], [opening, closing], zxids, () => 101)).toEqual([]);
  });
});

describe('the agreement of logs', () => {
  const entry = (zxid: bigint, byte: number): { txn: Transaction; payload: Uint8Array } => ({
    txn: creating(zxid, 1, '/a', 1),
    payload: Uint8Array.of(byte),
  });
  const epoch = 1n << 32n;

  it('is there where one is a part of the other, behind a snapshot or before its end', () => {
    const whole = [entry(1n, 1), entry(2n, 2), entry(epoch + 1n, 3)];
    const { violations, transactions } = agreementOf([whole.slice(1), whole.slice(0, 2), whole]);
    expect(violations).toEqual([]);
    expect(transactions).toHaveLength(3);
  });

  it.each([
    ['two histories', [[entry(1n, 1)], [entry(1n, 2)]], /another transaction 1/],
    ['a gap', [[entry(1n, 1), entry(3n, 3)]], /logged 3 behind 1/],
    [
      'an epoch that does not begin at its beginning',
      [[entry(1n, 1), entry(epoch + 2n, 3)]],
      /logged/,
    ],
    ['a step back', [[entry(2n, 1), entry(1n, 3)]], /logged 1 behind 2/],
  ])('is not there with %s', (_what, logs, sentence) => {
    expect(agreementOf(logs).violations.join()).toMatch(sentence);
  });
});
