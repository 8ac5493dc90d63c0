/**
 * A client at work: it keeps a session alive, asks for things in bursts without waiting, goes to
 * another server now and then, ends its session or vanishes, and begins a new one.
 */
import {
  type Completion,
  type Report,
  type SessionSettings,
  sessionSettings,
} from '@zabra/client/session';
import type { Ask } from '@zabra/sim/checkers';
import { ErrorCode, JuteWriter, Opcode, operations } from '@zabra/wire';
import { Chance } from '../support/raw-chance.ts';
import type { RecordWriter } from './record.ts';
import { type ProductAt, SessionBody } from './session-body.ts';
import { FOLDERS, Wishes } from './wishes.ts';

export interface Habits {
  readonly number: number;
  readonly seed: number;
  readonly ports: readonly number[];
  readonly productAt: ProductAt;
  readonly timeoutMs: number;
  /** Between two bursts, on average. */
  readonly thinkMs: number;
}

/** So many requests at most wait for an answer. */
const WINDOW = 24;
const BURST_MAX = 5;
const WATCHER = 1;

export class Person {
  /** How many sessions it has had, how many of them a server had ended, and what it was answered. */
  sessions = 0;
  lost = 0;
  answered = 0;
  /** When it was answered a write last. */
  wroteMs = 0;
  readonly #habits: Habits;
  readonly #record: RecordWriter;
  readonly #chance: Chance;
  readonly #wishes: Wishes;
  readonly #asks = new Map<number, { ask: Ask; done?: (code: number) => void }>();
  #body!: SessionBody;
  #token = 0;
  #timer: NodeJS.Timeout | null = null;
  #isResting = false;

  constructor(habits: Habits, record: RecordWriter) {
    this.#habits = habits;
    this.#record = record;
    this.#chance = new Chance(habits.seed);
    this.#wishes = new Wishes(this.#chance, `p${habits.number}`);
    this.#open();
    this.#act();
  }

  /** It asks for nothing more of itself, and keeps its session. */
  rest(): void {
    this.#isResting = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** Sees all that was complete before; tries again until it is answered. */
  async catchUp(): Promise<void> {
    for (;;) {
      const codes = await Promise.all([
        this.#ask(this.#wishes.sync()),
        this.#ask(this.#wishes.look()),
      ]);
      if (codes.every((code) => code === ErrorCode.Ok)) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Gone without a word; its session is left to its timeout. */
  vanish(): void {
    this.rest();
    this.#body.vanish();
  }

  #open(): void {
    const { number, ports, productAt, timeoutMs } = this.#habits;
    this.sessions += 1;
    const settings: SessionSettings = sessionSettings({
      servers: ports.map((port) => ({ host: '127.0.0.1', port })),
      seed: this.#chance.below(2 ** 31),
      timeoutMs,
      connectTimeoutMs: 1500,
      offlineWaitMs: 2000,
      jitterMsMax: 50,
      roundPauseMs: 100,
      brokenPauseMs: 20,
    });
    const hear = (report: Report): void => this.#hear(report);
    this.#body = new SessionBody(settings, number, this.#record, productAt, hear);
    this.#wishes.onNewSession();
    this.#body.start();
    for (const folder of FOLDERS) void this.#ask(this.#wishes.folder(folder));
  }

  #act(): void {
    if (this.#isResting) return;
    const { thinkMs } = this.#habits;
    this.#timer = setTimeout(() => this.#act(), this.#chance.below(2 * thinkMs));
    const luck = this.#chance.below(1000);
    if (luck < 4) this.#body.act((session) => session.reconnect());
    else if (luck < 6) this.#body.act((session) => session.close());
    else if (luck < 7) {
      this.#body.vanish();
      this.#asks.clear();
      this.#open();
    } else if (this.#body.session.state === 'connected') this.#burst();
  }

  #burst(): void {
    for (let i = this.#chance.below(BURST_MAX) + 1; i > 0; i -= 1) {
      if (this.#asks.size >= WINDOW) return;
      const ask = this.#wishes.next();
      void this.#ask(ask);
      if (ask.type === Opcode.Sync) void this.#ask(this.#wishes.look());
    }
  }

  #ask(ask: Ask): Promise<number> {
    this.#token += 1;
    const token = this.#token;
    return new Promise((done) => {
      this.#asks.set(token, { ask, done });
      const isWatch = 'watch' in (ask.body ?? {}) && (ask.body as { watch: boolean }).watch;
      const watch = isWatch && {
        watch: { watcher: WATCHER, path: (ask.body as { path: string }).path },
      };
      const request = { token, opcode: ask.type, body: bodyOf(ask), ...watch };
      this.#body.act((session) => session.request(request));
    });
  }

  #hear(report: Report): void {
    if (report.kind === 'completion') this.#onCompletion(report);
    else if (report.kind === 'lost' || report.kind === 'closed') {
      if (report.kind === 'lost') this.lost += 1;
      // Behind the completions that tell what has become of its requests.
      setImmediate(() => this.#open());
    }
  }

  #onCompletion({ token, outcome, code, body }: Completion): void {
    const asked = this.#asks.get(token);
    if (asked === undefined) return;
    this.#asks.delete(token);
    if (outcome === 'answered') {
      this.answered += 1;
      if (code === ErrorCode.Ok && asked.ask.type in writes) this.wroteMs = Date.now();
      if (code === ErrorCode.Ok && body !== null) this.#wishes.onAnswer(asked.ask, body);
    }
    asked.done?.(code);
  }
}

const writes: Readonly<Record<number, true>> = {
  [Opcode.Create]: true,
  [Opcode.Delete]: true,
  [Opcode.SetData]: true,
  [Opcode.Multi]: true,
};

function bodyOf({ type, body }: Ask): Uint8Array {
  const writer = new JuteWriter(64);
  const { encodeRequest } = operations[type] as {
    encodeRequest(writer: JuteWriter, request: unknown): void;
  };
  encodeRequest(writer, body);
  return writer.finish();
}
