/** What judges a session's word, on short lives that are right, and on the same with one thing wrong. */
import type { Completion, Report } from '@zabra/client/session';
import {
  asSessionId,
  asZxid,
  ErrorCode,
  EventType,
  Opcode,
  type Transaction,
  WatcherType,
} from '@zabra/wire';
import { describe, expect, it } from 'vitest';
import {
  type Ask,
  type Heard,
  Journal,
  type Operation,
  SessionLife,
  type Wish,
} from '../../people/journal.ts';
import { judgeTold } from './judge-told.ts';
import { judgeLostSessions } from './lost-sessions.ts';

const SESSION = asSessionId(5n);
const TIMEOUT_MS = 4000;
const NOTHING = new Uint8Array(0);
const endpoint = { host: 'server', port: 2181 };

type Reply = Extract<Heard, { kind: 'reply' }>;

const watchOf = (path: string): Ask => ({ type: Opcode.Exists, body: { path, watch: true } });
const deleteOf = (path: string): Ask => ({ type: Opcode.Delete, body: { path, version: -1 } });

function setWatchesOf(relativeZxid: bigint, dataWatches: readonly string[]): Ask {
  const lists = { dataWatches, existWatches: [], childWatches: [] };
  return { type: Opcode.SetWatches, body: { relativeZxid: asZxid(relativeZxid), ...lists } };
}

/** A life as it is written down, a thing at a time; what came is told at once unless it is said not. */
class Scribe {
  readonly life: SessionLife;
  #connection = 0;
  #seen = 0n;

  constructor(isImpostor = false) {
    this.life = new SessionLife(SESSION, 1, isImpostor);
    this.life.timeoutMs = TIMEOUT_MS;
  }

  greeted(session: bigint = SESSION, lastZxid: bigint = this.#seen): this {
    this.#connection += 1;
    const isFirst = this.#connection === 1;
    const asked = isFirst ? 0n : SESSION;
    const hello = { connection: this.#connection, atMs: 0, session: asked, lastZxid };
    this.life.heard.push({ kind: 'connected', hello, session, timeoutMs: TIMEOUT_MS, atMs: 1 });
    const isResumed = !isFirst;
    const [sessionId, timeoutMs] = [asSessionId(session), TIMEOUT_MS];
    const connected = { endpoint, sessionId, timeoutMs, isReadOnly: false, isResumed };
    return this.tell({ kind: 'connected', ...connected });
  }

  refused(): this {
    this.#connection += 1;
    const hello = { connection: this.#connection, atMs: 0, session: SESSION, lastZxid: this.#seen };
    this.life.heard.push({ kind: 'refused', hello, atMs: 1 });
    return this.tell({ kind: 'lost', by: 'server' });
  }

  suspended(sentLost = 0): this {
    return this.tell({ kind: 'suspended', end: { kind: 'closed', detail: '' }, sentLost });
  }

  ask(token: number, ask: Ask): this {
    const watcher = ask.type === Opcode.Exists ? token : 0;
    this.life.wishes.push({ token, ask, watcher, atMs: 0 });
    return this;
  }

  /** The wish of this token leaves, or something that the session asks itself. */
  send(token: number, own: Ask | null = null): this {
    const wish: Wish | null = this.life.wishes.find((one) => one.token === token) ?? null;
    const [connection, ask] = [this.#connection, own ?? wish!.ask];
    const common = { client: 1, session: SESSION, connection, xid: token, invokedMs: 0 };
    this.life.sent.push({ ...common, ask, wish, answer: null });
    return this;
  }

  answered(token: number, zxid: bigint, error = 0): this {
    const operation = this.#operation(token);
    operation.answer = { atMs: 1, zxid, error, body: NOTHING };
    this.life.heard.push({ kind: 'reply', operation } satisfies Reply);
    if (zxid > this.#seen) this.#seen = zxid;
    return this;
  }

  event(path: string, zxid: bigint): this {
    this.life.heard.push({ kind: 'event', type: EventType.DataChanged, path, zxid });
    if (zxid > this.#seen) this.#seen = zxid;
    return this;
  }

  tellAnswer(token: number, zxid: bigint, code = 0): this {
    const body = code === 0 ? NOTHING : null;
    const outcome = 'answered';
    return this.tell(completion({ token, outcome, code, zxidLow: Number(zxid), body }));
  }

  tellEvent(path: string, zxid: bigint, watchers: readonly number[]): this {
    const [type, zxidHigh, zxidLow] = [EventType.DataChanged, 0, Number(zxid)];
    return this.tell({ kind: 'watch', type, path, watchers, zxidHigh, zxidLow });
  }

  lose(token: number, maybeApplied: boolean): this {
    const code = ErrorCode.ConnectionLoss;
    return this.tell(completion({ token, outcome: 'connection-loss', code, maybeApplied }));
  }

  tell(report: Report, atMs = 1): this {
    this.life.told.push({ report, atMs, heardCount: this.life.heard.length });
    return this;
  }

  /** Takes back what was told last. */
  hush(): this {
    this.life.told.pop();
    return this;
  }

  get verdict(): string {
    return judgeTold(this.life).join('; ');
  }

  #operation(token: number): Operation {
    return this.life.sent.find(({ xid }) => xid === token)!;
  }
}

function completion(own: Partial<Completion> & Pick<Completion, 'token' | 'outcome'>): Completion {
  const rest = { kind: 'completion', opcode: Opcode.Exists, code: 0, maybeApplied: false } as const;
  return { ...rest, zxidHigh: 0, zxidLow: 0, body: null, ...own };
}

/** A session with a watch on /a, set at zxid 7 by watcher 1. */
const watching = (): Scribe =>
  new Scribe().greeted().ask(1, watchOf('/a')).send(1).answered(1, 7n).tellAnswer(1, 7n);

/** The same on its second connection, where the watch is set again. */
const back = (since: bigint, paths: readonly string[]): Scribe =>
  watching().suspended().greeted().send(50, setWatchesOf(since, paths)).answered(50, 8n);

describe('what a session tells', () => {
  it.each<[what: string, scribe: Scribe]>([
    ['an answer', watching()],
    ['an event before an answer', watching().event('/a', 8n).tellEvent('/a', 8n, [1])],
    ['a loss', watching().ask(2, deleteOf('/a')).send(2).suspended(1).lose(2, true)],
    ['what was never sent', watching().suspended().ask(2, deleteOf('/a')).lose(2, false)],
    ['watches that are set again', back(7n, ['/a'])],
    ['watches of which the connection took only a part', back(7n, []).suspended()],
    ['an event that nobody waits for', watching().event('/b', 8n)],
    ['a refusal', watching().suspended().refused()],
  ])('is believed when it is right: %s', (_what, scribe) => {
    expect(scribe.verdict).toBe('');
  });

  it.each<[what: string, scribe: Scribe, sentence: RegExp]>([
    ['an answer that is swallowed', watching().hush(), /told nothing, and there was answer 1 0 7/],
    ['an answer that is told twice', watching().tellAnswer(1, 7n), /ended request 1 twice/],
    [
      'an answer with another code',
      watching().hush().tellAnswer(1, 7n, -101),
      /told answer 1 -101/,
    ],
    ['an answer of another moment', watching().hush().tellAnswer(1, 6n), /told answer 1 0 6/],
    ['an event that is swallowed', watching().event('/a', 8n).tell({ kind: 'rearmed' }), /event 3/],
    [
      'an event to the wrong ones',
      watching().event('/a', 8n).tellEvent('/a', 8n, [2]),
      /told event 3 \/a 8 to 2/,
    ],
    [
      'an event that is told twice',
      watching().event('/a', 8n).tellEvent('/a', 8n, [1]).tellEvent('/a', 8n, [1]),
      /told event 3 \/a 8 to 1, and there was nothing/,
    ],
    [
      'an event behind the answer that stood behind it',
      watching()
        .ask(2, deleteOf('/a'))
        .send(2)
        .event('/a', 8n)
        .answered(2, 8n)
        .tellAnswer(2, 8n)
        .tellEvent('/a', 8n, [1]),
      /told answer 2 0 8, and there was event 3/,
    ],
    [
      'an event of a watch that was taken off',
      (() => {
        const scribe = watching();
        const what = { path: '/a', type: WatcherType.Any, watcher: null };
        scribe.life.unwatched.push({ token: 9, what, heardCount: scribe.life.heard.length });
        return scribe.event('/a', 8n).tellEvent('/a', 8n, [1]);
      })(),
      /told event 3 \/a 8 to 1, and there was nothing/,
    ],
    [
      'a loss of what was answered',
      watching().ask(2, deleteOf('/a')).send(2).answered(2, 8n).suspended(1).lose(2, true),
      /connection-loss, and it had been answered/,
    ],
    [
      'a loss that is called unsent',
      watching().ask(2, deleteOf('/a')).send(2).suspended(0).lose(2, false),
      /never sent, and it was sent/,
    ],
    [
      'a loss that is called sent',
      watching().ask(2, deleteOf('/a')).suspended(1).lose(2, true),
      /perhaps done, and it was never sent/,
    ],
    [
      'a request that is forgotten',
      watching().ask(2, deleteOf('/a')).tell({ kind: 'lost', by: 'own-clock' }, 9000),
      /never ended request 2/,
    ],
    [
      'an end ahead of one that was asked before',
      watching()
        .ask(2, deleteOf('/a'))
        .ask(3, deleteOf('/a'))
        .suspended()
        .lose(3, false)
        .lose(2, false),
      /ended request 2 behind 3/,
    ],
    [
      'a number of losses that is wrong',
      watching().ask(2, deleteOf('/a')).send(2).suspended(2).lose(2, true),
      /told that 2 requests are lost, and 1 were/,
    ],
    ['a connection that is none', watching().tell({ kind: 'lost', by: 'server' }), /told lost/],
    [
      'a session that is given up too soon',
      (() => {
        const scribe = watching();
        scribe.life.heardMs = 1000;
        return scribe.tell({ kind: 'lost', by: 'own-clock' }, 1000 + TIMEOUT_MS);
      })(),
      /gave its session up after 4000 ms/,
    ],
    ['a silent refusal', watching().suspended().refused().hush(), /and there was lost/],
    ['something behind its end', watching().suspended().refused().suspended(), /behind its end/],
    [
      'a session that is not the old one',
      watching().suspended().greeted(6n),
      /and there was lost|a new one/,
    ],
    [
      'a hello that forgets',
      watching().suspended().greeted(SESSION, 3n),
      /to have seen 3, and saw 7/,
    ],
  ])('is not believed when it is wrong: %s', (_what, scribe, sentence) => {
    expect(scribe.verdict).toMatch(sentence);
  });
});

describe('watches that are set again', () => {
  it.each<[what: string, scribe: Scribe, sentence: RegExp]>([
    [
      'none',
      back(7n, []).ask(2, deleteOf('/a')).send(2).answered(2, 9n).tellAnswer(2, 9n),
      /did not set data \/a again/,
    ],
    ['others', back(7n, ['/a', '/b']), /set data \/b again and did not have it/],
    ['twice', back(7n, ['/a', '/a']), /set data \/a again twice/],
    ['as of too late a moment', back(8n, ['/a']), /missed since 8, not 7/],
    [
      'behind an answer',
      watching()
        .suspended()
        .greeted()
        .ask(2, deleteOf('/a'))
        .send(2)
        .answered(2, 8n)
        .tellAnswer(2, 8n),
      /was answered before its watches were set again/,
    ],
    [
      'as of a moment that only part of them has met',
      back(7n, ['/a'])
        .suspended()
        .greeted()
        .send(51, setWatchesOf(9n, ['/a']))
        .answered(51, 9n),
      /missed since 9, not 8/,
    ],
  ])('are missed: %s', (_what, scribe, sentence) => {
    expect(scribe.verdict).toMatch(sentence);
  });
});

describe('a session that is lost', () => {
  const closing: Transaction = {
    header: { clientId: SESSION, cxid: 0, zxid: asZxid(3n), time: 0n },
    record: { type: Opcode.CloseSession, body: { paths: [] } },
    digest: null,
  };
  const judge = (scribe: Scribe, log: readonly Transaction[], knownMs: number): string => {
    const journal = new Journal();
    journal.sessions.push(scribe.life);
    return judgeLostSessions(
      journal,
      log,
      () => 0.5,
      () => knownMs,
    ).join();
  };

  it('has ended', () => {
    expect(judge(watching().suspended().refused(), [closing], 9)).toBe('');
    expect(judge(watching().suspended().refused(), [], 9)).toMatch(/has ended, and it lives/);
  });

  it('does not come back', () => {
    expect(judge(watching(), [closing], 9)).toBe('');
    expect(judge(watching(), [closing], -1)).toMatch(/came back, and had ended at 3/);
  });

  it('is not opened by a wrong password, and not told of', () => {
    expect(judge(new Scribe(true).refused(), [], 9)).toBe('');
    expect(judge(new Scribe(true).greeted(), [], 9)).toMatch(/a wrong password opened/);
    const verdict = (at: number): string => {
      const journal = new Journal();
      journal.refusals.push(new Uint8Array(37), new Uint8Array(37).fill(1, at, at + 1));
      return judgeLostSessions(
        journal,
        [],
        () => 0,
        () => 0,
      ).join();
    };
    expect(verdict(35)).toMatch(/refusals differ/);
    // Those of a server that only reads say so.
    expect(verdict(36)).toBe('');
  });
});
