/**
 * A member of a throw-away ensemble: a process of its own, so that it can be killed like a real one. When
 * it ends without having been told to, it is started again, unless it ends again and again.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface DevMemberEvents {
  onEnded(member: DevMember, how: string): void;
  onGivenUp(member: DevMember, lastWords: string): void;
}

const RESTART_MS = 1000;
/** One that lives no longer than this has not come up. */
const SHORT_LIFE_MS = 5000;
const SHORT_LIVES_MAX = 3;
const LAST_WORDS_CHARACTERS = 2000;

export class DevMember {
  readonly id: number;
  readonly port: number;
  readonly directory: string;
  readonly #events: DevMemberEvents;
  #child: ChildProcess | null = null;
  #timer: NodeJS.Timeout | null = null;
  #startedAtMs = 0;
  #shortLives = 0;
  #isEnding = false;

  constructor(id: number, port: number, directory: string, events: DevMemberEvents) {
    this.id = id;
    this.port = port;
    this.directory = directory;
    this.#events = events;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  start(): void {
    const log = openSync(join(this.directory, 'server.log'), 'a');
    // Variables of the environment would win over the file, and be the same for all.
    const places = ['--port', `${this.port}`, '--data-dir', join(this.directory, 'data')];
    const args = [process.argv[1]!, 'serve', join(this.directory, 'zoo.cfg'), ...places];
    const child = spawn(process.execPath, args, {
      cwd: this.directory,
      stdio: ['ignore', log, log],
      // Ctrl-C in a terminal reaches a whole group: members are ended one by one, in good order.
      detached: true,
    });
    closeSync(log);
    this.#child = child;
    this.#startedAtMs = performance.now();
    child.on('error', (error) => this.#onExit(error.message));
    child.on('exit', (code, signal) => {
      this.#onExit(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`);
    });
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const child = this.#child;
    if (child === null) return;
    const exited = once(child, 'exit');
    // One that was stopped by hand hears nothing else.
    child.kill('SIGCONT');
    child.kill('SIGTERM');
    await exited;
  }

  /** At once: nobody is left to wait. */
  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  #onExit(how: string): void {
    if (this.#child === null) return;
    this.#child = null;
    if (this.#isEnding) return;
    const wasShort = performance.now() - this.#startedAtMs < SHORT_LIFE_MS;
    this.#shortLives = wasShort ? this.#shortLives + 1 : 0;
    this.#events.onEnded(this, how);
    if (this.#shortLives >= SHORT_LIVES_MAX) this.#events.onGivenUp(this, this.#lastWords());
    else this.#timer = setTimeout(() => this.start(), RESTART_MS);
  }

  #lastWords(): string {
    return readFileSync(join(this.directory, 'server.log'), 'utf8')
      .slice(-LAST_WORDS_CHARACTERS)
      .trimEnd();
  }
}
