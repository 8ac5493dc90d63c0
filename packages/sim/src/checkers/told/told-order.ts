/**
 * Whether a session told its user what came over its connections: every answer, event and greeting,
 * in the order in which they came, none twice, none left out and none made up. Both sides are put in
 * words and compared batch by batch, as they were taken.
 */
import { RemovedEvent, type Report } from '@zabra/client/session';
import { Opcode } from '@zabra/wire';
import type { Heard, SessionLife, Told } from '../../people/journal.ts';
import { WatcherBook } from './watcher-book.ts';

export function judgeToldOrder(life: SessionLife): string[] {
  const judge = new Judge(life);
  let heardCount = 0;
  for (let i = 0; i < life.told.length; ) {
    const start = i;
    heardCount = life.told[start]!.heardCount;
    while (i < life.told.length && life.told[i]!.heardCount === heardCount) i += 1;
    judge.judge(heardCount, life.told.slice(start, i));
  }
  judge.judge(life.heard.length, []);
  return judge.violations;
}

class Judge {
  readonly violations: string[] = [];
  readonly #life: SessionLife;
  readonly #book: WatcherBook;
  /** Requests that were given up by their caller's side, and how much had come by then. */
  readonly #givenUp = new Map<number, number>();
  #heardCount = 0;

  constructor(life: SessionLife) {
    this.#life = life;
    this.#book = new WatcherBook(life);
    for (const { report, heardCount } of life.told) {
      if (report.kind === 'completion' && report.outcome !== 'answered') {
        this.#givenUp.set(report.token, heardCount);
      }
    }
  }

  /** What has come up to here must be what was told in this batch. */
  judge(heardCount: number, batch: readonly Told[]): void {
    const expected: string[] = [];
    for (; this.#heardCount < heardCount; this.#heardCount += 1) {
      const heard = this.#life.heard[this.#heardCount]!;
      const words = this.#wordsOf(heard, this.#heardCount);
      if (words !== null) expected.push(words);
    }
    this.#book.upTo(heardCount);
    const told = batch.map(({ report }) => toldWords(report)).filter((words) => words !== null);
    const at = expected.findIndex((words, i) => words !== told[i]);
    const differs = at >= 0 ? at : expected.length;
    if (at < 0 && told.length === expected.length) return;
    const { client, id } = this.#life;
    this.violations.push(
      `session ${id.toString(16)} of client ${client} told ${told[differs] ?? 'nothing'}, ` +
        `and there was ${expected[differs] ?? 'nothing'}`,
    );
  }

  #wordsOf(heard: Heard, index: number): string | null {
    switch (heard.kind) {
      case 'connected': {
        const { hello, session, timeoutMs } = heard;
        const isOther = hello.session !== 0n && hello.session !== session;
        return isOther ? 'lost' : `connected ${session} ${timeoutMs}`;
      }
      case 'refused':
        return heard.hello.session === 0n ? null : 'lost';
      case 'event': {
        this.#book.upTo(index);
        const watchers = this.#book.fire(heard.type, heard.path);
        if (watchers.length === 0) return null;
        return `event ${heard.type} ${heard.path} ${heard.zxid} to ${watchers.join(' ')}`;
      }
      case 'reply': {
        const { ask, wish, answer } = heard.operation;
        if (ask.type === Opcode.CloseSession) return `closed ${answer!.error === 0}`;
        if (wish === null) return null;
        const isGivenUp = (this.#givenUp.get(wish.token) ?? Number.POSITIVE_INFINITY) <= index;
        if (isGivenUp) return null;
        this.#book.upTo(index);
        this.#book.onAnswer(heard.operation);
        return `answer ${wish.token} ${answer!.error} ${answer!.zxid}`;
      }
    }
  }
}

/** Null for what comes of no bytes of a server. */
function toldWords(report: Report): string | null {
  switch (report.kind) {
    case 'completion': {
      const { token, outcome, code, opcode } = report;
      const isOwn = opcode === Opcode.RemoveWatches || opcode === Opcode.Auth;
      if (outcome !== 'answered' || isOwn) return null;
      return `answer ${token} ${code} ${zxidOf(report)}`;
    }
    case 'watch': {
      const { type, path, watchers } = report;
      if (type >= RemovedEvent.Data) return null;
      const names = [...watchers].sort((a, b) => a - b).join(' ');
      return `event ${type} ${path} ${zxidOf(report)} to ${names}`;
    }
    case 'connected':
      return `connected ${report.sessionId} ${report.timeoutMs}`;
    case 'lost':
      return report.by === 'server' ? 'lost' : null;
    case 'closed':
      return report.isEnded ? 'closed true' : null;
    default:
      return null;
  }
}

function zxidOf({ zxidHigh, zxidLow }: { zxidHigh: number; zxidLow: number }): bigint {
  return (BigInt(zxidHigh) << 32n) | BigInt(zxidLow >>> 0);
}
