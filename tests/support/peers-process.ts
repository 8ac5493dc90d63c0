/**
 * Long-running programs of the tests: started, watched until they serve, stopped or killed.
 *
 * Whatever is still running when the test process ends is killed with it; on Linux by the kernel,
 * so that this holds even when the test process is killed itself.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';

const STOP_TIMEOUT_MS = 15_000;
const running = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface Program {
  readonly pid: number;
  readonly logFile: string;
  /** Settles with the exit code (−1 when a signal ended it). */
  readonly exited: Promise<number>;
  readonly isRunning: () => boolean;
  /** SIGTERM and wait; SIGKILL if that is not enough. */
  readonly stop: () => Promise<void>;
  /** SIGKILL and wait: the power cut. */
  readonly kill: () => Promise<void>;
  /** SIGSTOP: the process keeps its sockets and says nothing more, until `resume`. */
  readonly pause: () => void;
  readonly resume: () => void;
}

export interface ProgramOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const SETPRIV = '/usr/bin/setpriv';

/** The command line that runs a program which dies with the thread that started it. */
export function mortal(command: string, args: readonly string[]): [string, string[]] {
  if (!existsSync(SETPRIV)) return [command, [...args]];
  return [SETPRIV, ['--pdeathsig', 'KILL', '--', command, ...args]];
}

/** Starts a program with both output streams appended to its log file. */
export function startProgram(options: ProgramOptions): Program {
  const log = openSync(options.logFile, 'a');
  const child = spawn(...mortal(options.command, options.args), {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  running.add(child);
  let alive = true;
  const exited = new Promise<number>((done) => {
    const end = (code: number | null): void => {
      alive = false;
      running.delete(child);
      done(code ?? -1);
    };
    child.on('error', () => end(null));
    child.on('exit', end);
  });
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  return {
    pid: child.pid ?? -1,
    logFile: options.logFile,
    exited,
    isRunning: () => alive,
    kill,
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await exited;
      clearTimeout(timer);
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
  };
}

/** Waits until a server says with `srvr` that it serves; throws with the end of its log if not. */
export async function waitUntilServing(
  program: Program,
  port: number,
  timeoutMs: number,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (program.isRunning() && Date.now() < deadline) {
    const answer = await fourLetterWord(port, 'srvr').catch(() => '');
    if (answer !== '' && !answer.includes('not currently serving')) return;
    await new Promise((wake) => setTimeout(wake, 50));
  }
  const state = program.isRunning() ? 'does not serve' : 'ended';
  const log = await readFile(program.logFile, 'utf8').catch(() => '');
  await program.kill();
  throw new Error(`the server on port ${port} ${state}:\n${log.slice(-4000)}`);
}

/** Sends a four-letter word and gives back the text of the answer. */
export function fourLetterWord(port: number, word: string, timeoutMs = 3000): Promise<string> {
  return new Promise((done, fail) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8').setTimeout(timeoutMs, () => {
      socket.destroy(new Error(`no answer to ${word}`));
    });
    socket.on('connect', () => socket.write(word));
    socket.on('data', (part: Buffer | string) => {
      text += part.toString();
    });
    socket.on('error', fail);
    socket.on('close', () => done(text));
  });
}

/** A port nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.on('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? done(address.port) : fail(new Error('no port')),
      );
    });
  });
}
