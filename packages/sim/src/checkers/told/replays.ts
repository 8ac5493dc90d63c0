/**
 * Whether a session sets its watches again on each new connection: all that it believed to have, in
 * as many pieces as it likes, before anything is answered; and whether it asks for what it missed
 * since a moment up to which it had heard of everything. So no watch is lost in silence.
 */
import { type MultiOp, Opcode } from '@zabra/wire';
import type { Ask, Operation, SessionLife } from '../../people/journal.ts';
import { watchesIn } from '../watch-kinds.ts';
import { WatcherBook } from './watcher-book.ts';

type Replay = Extract<Ask, { type: typeof Opcode.SetWatches | typeof Opcode.SetWatches2 }>;

export function judgeReplays(life: SessionLife): string[] {
  const judge = new Judge(life);
  for (const [i, heard] of life.heard.entries()) {
    judge.upTo(i);
    if (heard.kind === 'connected') judge.onConnected(heard.hello.connection);
    else if (heard.kind === 'event') judge.onEvent(heard.type, heard.path);
    else if (heard.kind === 'reply') judge.onReply(heard.operation);
  }
  return judge.violations;
}

class Judge {
  readonly violations: string[] = [];
  readonly #life: SessionLife;
  readonly #book: WatcherBook;
  readonly #pieces = new Map<number, Operation[]>();
  /** Up to here all events have come, whatever zxids were seen. */
  #known = 0n;
  #seen = 0n;
  #isArmed = true;
  #unanswered = 0;
  #isReplaying = false;
  #asked = new Set<string>();

  constructor(life: SessionLife) {
    this.#life = life;
    this.#book = new WatcherBook(life);
    for (const operation of life.sent) {
      if (!isReplay(operation.ask)) continue;
      const pieces = this.#pieces.get(operation.connection);
      if (pieces === undefined) this.#pieces.set(operation.connection, [operation]);
      else pieces.push(operation);
    }
  }

  upTo(heardCount: number): void {
    this.#book.upTo(heardCount);
  }

  onConnected(connection: number): void {
    const pieces = this.#pieces.get(connection) ?? [];
    const believed = this.#book.names;
    this.#asked = new Set();
    for (const piece of pieces) {
      const { ask } = piece;
      if (!isReplay(ask)) continue;
      if (ask.body.relativeZxid > this.#known) {
        this.#violate(
          `asked for what it missed since ${ask.body.relativeZxid}, not ${this.#known}`,
        );
      }
      for (const { kind, path } of watchesIn(piece)) {
        const name = `${kind} ${path}`;
        if (this.#asked.has(name)) this.#violate(`set ${name} again twice`);
        if (!believed.has(name)) this.#violate(`set ${name} again and did not have it`);
        this.#asked.add(name);
      }
    }
    this.#isArmed = believed.size === 0;
    this.#isReplaying = !this.#isArmed;
    this.#unanswered = pieces.length;
  }

  onEvent(type: number, path: string): void {
    this.#book.fire(type, path);
  }

  onReply(operation: Operation): void {
    const { zxid } = operation.answer!;
    if (zxid > this.#seen) this.#seen = zxid;
    if (isReplay(operation.ask)) {
      this.#unanswered -= 1;
      if (this.#unanswered === 0) this.#onSetAgain();
    } else if (operation.wish !== null) {
      if (this.#isReplaying) {
        this.#isReplaying = false;
        this.#violate('was answered before its watches were set again');
        for (const name of this.#missing) this.#violate(`did not set ${name} again`);
      }
      this.#book.onAnswer(operation);
    }
    if (this.#isArmed && this.#seen > this.#known) this.#known = this.#seen;
  }

  /** Where some are missing the connection may have ended before the next piece could be sent. */
  #onSetAgain(): void {
    if (!this.#isReplaying || this.#missing.length > 0) return;
    this.#isArmed = true;
    this.#isReplaying = false;
  }

  get #missing(): readonly string[] {
    return [...this.#book.names].filter((name) => !this.#asked.has(name));
  }

  #violate(what: string): void {
    const { id, client } = this.#life;
    this.violations.push(`session ${id.toString(16)} of client ${client} ${what}`);
  }
}

function isReplay(ask: Ask): ask is Replay & Exclude<Ask, MultiOp> {
  return ask.type === Opcode.SetWatches || ask.type === Opcode.SetWatches2;
}
