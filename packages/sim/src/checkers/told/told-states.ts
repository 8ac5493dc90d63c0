/**
 * Whether the states that a session told were true: lost only if the server said so, or if nothing
 * was heard for so long that it must be; suspended only behind a connection; nothing behind the end.
 * What it told servers of itself is judged too: the last zxid that it had seen.
 */
import type { StatusReport } from '@zabra/client/session';
import { Opcode } from '@zabra/wire';
import type { SessionLife, Told } from '../../people/journal.ts';

/** Clocks are numbers with a fraction. */
const MARGIN_MS = 1;

export function judgeToldStates(life: SessionLife): string[] {
  const judge = new Judge(life);
  for (const [i, told] of life.told.entries()) judge.onTold(told, i);
  judge.judgeHellos();
  return judge.violations;
}

class Judge {
  readonly violations: string[] = [];
  readonly #life: SessionLife;
  #isConnected = false;
  #isOver = false;
  #session = 0n;

  constructor(life: SessionLife) {
    this.#life = life;
    // Whoever took a session up has asked for it from the first.
    const first = life.heard.find(({ kind }) => kind === 'connected' || kind === 'refused');
    if (first?.kind === 'connected') this.#session = first.hello.session;
  }

  onTold({ report, atMs }: Told, index: number): void {
    if (report.kind === 'completion' || report.kind === 'watch') {
      if (report.kind === 'watch' && this.#isOver) this.#violate('told an event behind its end');
      return;
    }
    if (this.#isOver) this.#violate(`told ${report.kind} behind its end`);
    this.#onStatus(report, atMs, index);
  }

  /** Who says less than it has seen may be shown the past again. */
  judgeHellos(): void {
    let seen = 0n;
    for (const heard of this.#life.heard) {
      if (heard.kind === 'connected' || heard.kind === 'refused') {
        const { lastZxid, connection } = heard.hello;
        if (lastZxid !== seen) {
          this.#violate(
            `said on connection ${connection} to have seen ${lastZxid}, and saw ${seen}`,
          );
        }
      }
      const zxid = zxidOf(heard);
      if (zxid > seen) seen = zxid;
    }
  }

  #onStatus(report: StatusReport, atMs: number, index: number): void {
    switch (report.kind) {
      case 'connected':
        if (this.#isConnected) this.#violate('was connected twice');
        if (report.isResumed !== (report.sessionId === this.#session)) {
          this.#violate(`told that its session is ${report.isResumed ? 'the old' : 'a new'} one`);
        }
        this.#isConnected = true;
        this.#session = report.sessionId;
        break;
      case 'suspended':
        if (!this.#isConnected) this.#violate('was suspended without a connection');
        this.#isConnected = false;
        this.#judgeLosses(report.sentLost, index);
        break;
      case 'lost':
        this.#isOver = true;
        if (report.by === 'own-clock') this.#judgeOwnClock(atMs);
        break;
      case 'auth-failed':
      case 'closed':
        this.#isOver = true;
        break;
      default:
        break;
    }
  }

  /** As many requests are lost with a connection as was said. */
  #judgeLosses(sentLost: number, index: number): void {
    let count = 0;
    for (let i = index + 1; i < this.#life.told.length; i += 1) {
      const { report } = this.#life.told[i]!;
      // Watches are removed here, whatever becomes of the word to the server.
      if (report.kind === 'completion' && report.opcode === Opcode.RemoveWatches) continue;
      if (report.kind !== 'completion' || report.outcome !== 'connection-loss') break;
      if (!report.maybeApplied) break;
      count += 1;
    }
    if (count !== sentLost) {
      this.#violate(`told that ${sentLost} requests are lost, and ${count} were`);
    }
  }

  #judgeOwnClock(atMs: number): void {
    const { heardMs, timeoutMs } = this.#life;
    if (heardMs === 0 || atMs - heardMs + MARGIN_MS >= (timeoutMs * 4) / 3) return;
    const silentMs = Math.round(atMs - heardMs);
    this.#violate(`gave its session up after ${silentMs} ms of silence, and had ${timeoutMs}`);
  }

  #violate(what: string): void {
    const { id, client } = this.#life;
    this.violations.push(`session ${id.toString(16)} of client ${client} ${what}`);
  }
}

function zxidOf(heard: SessionLife['heard'][number]): bigint {
  if (heard.kind === 'event') return heard.zxid;
  return heard.kind === 'reply' ? heard.operation.answer!.zxid : 0n;
}
