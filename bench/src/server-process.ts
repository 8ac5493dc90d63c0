/**
 * A server under measurement as a process: started on a directory, waited for, stopped or killed.
 * Whatever still runs when the bench ends is ended with it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntilServing } from './probe.ts';
import { type Candidate, zooCfg } from './servers/candidate.ts';

const STOP_TIMEOUT_MS = 20_000;
const LOG_TAIL_CHARACTERS = 2000;
const children = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

export interface StartOptions {
  readonly candidate: Candidate;
  readonly directory: string;
  /** What runs in front of the server: `taskset -c 0`. */
  readonly prefix: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly member?: Membership;
}

/** Makes a server a member of an ensemble. */
interface Membership {
  readonly id: number;
  /** Further lines of its `zoo.cfg`. */
  readonly settings: readonly string[];
}

export class ServerProcess {
  readonly candidate: Candidate;
  readonly port: number;
  readonly directory: string;
  /** `performance.now()` at the moment of spawning. */
  readonly spawnedAt: number;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #isRunning = true;

  private constructor(options: StartOptions, port: number, child: ChildProcess, at: number) {
    this.candidate = options.candidate;
    this.directory = options.directory;
    this.port = port;
    this.spawnedAt = at;
    this.#child = child;
    children.add(child);
    this.#exited = new Promise<void>((resolve) => {
      child.on('error', () => resolve());
      child.on('exit', () => resolve());
    }).then(() => {
      this.#isRunning = false;
      children.delete(child);
    });
  }

  /** Spawns and returns at once; the server may not listen yet. */
  static async spawn(options: StartOptions): Promise<ServerProcess> {
    const { candidate, directory, prefix, member } = options;
    const port = await freePort();
    await mkdir(join(directory, 'data'), { recursive: true });
    if (member !== undefined) await writeFile(join(directory, 'data', 'myid'), `${member.id}\n`);
    const place = { directory, port, settings: member?.settings };
    await writeFile(join(directory, 'zoo.cfg'), zooCfg(place));
    const launch = candidate.launch(place);
    const [program = '', ...words] = [...prefix, launch.command, ...launch.args];
    const log = openSync(logFile(directory), 'a');
    const env = { ...process.env, ...launch.env, ...options.env };
    const at = performance.now();
    const child = spawn(program, words, { cwd: directory, env, stdio: ['ignore', log, log] });
    closeSync(log);
    return new ServerProcess(options, port, child, at);
  }

  /** Spawns and waits until the server says that it serves. */
  static async start(options: StartOptions): Promise<ServerProcess> {
    const server = await ServerProcess.spawn(options);
    await server.untilServing();
    return server;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** As something to put load on. */
  get ports(): readonly number[] {
    return [this.port];
  }

  get pids(): readonly number[] {
    return [this.pid];
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  async untilServing(): Promise<void> {
    try {
      await waitUntilServing(this.port, () => this.#isRunning);
    } catch (cause) {
      await this.kill();
      const tail = (await this.log()).slice(-LOG_TAIL_CHARACTERS);
      throw new Error(`${this.candidate.title} does not serve:\n${tail}`, { cause });
    }
  }

  log(): Promise<string> {
    return readFile(logFile(this.directory), 'utf8');
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Asks it to stop; kills it when it does not. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const timedOut = new AbortController();
    const timer = sleep(STOP_TIMEOUT_MS, undefined, { signal: timedOut.signal });
    await Promise.race([this.#exited, timer]);
    timedOut.abort();
    timer.catch(() => {});
    await this.kill();
  }

  /** Nobody gets to prepare. */
  async kill(): Promise<void> {
    if (this.#isRunning) this.#child.kill('SIGKILL');
    await this.#exited;
  }
}

function logFile(directory: string): string {
  return join(directory, 'server.log');
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
