/** The C client: Debian's `cli_mt`, typed at through its standard input. */
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { installApache } from './apache.ts';
import { mortal } from './peers-process.ts';

const PATIENCE_MS = 15_000;

export interface CShell {
  /** Types a line and waits for an answer that matches; gives back all that was printed since. */
  readonly type: (line: string, answer: RegExp) => Promise<string>;
  /** Waits for something to be printed since the last `type`. */
  readonly wait: (answer: RegExp) => Promise<string>;
  /** Types `quit` and waits for the end. */
  readonly quit: () => Promise<number>;
  readonly exited: Promise<number>;
}

/** Starts a shell; all that it prints counts as one stream, since it uses both at random. */
export async function startCShell(port: number): Promise<CShell> {
  const { debianRoot } = await installApache('3.8');
  if (!debianRoot) throw new Error('the Debian packages are not unpacked');
  const libraries = join(debianRoot, 'usr/lib');
  const architectures = await readdir(libraries);
  const shell = join(libraries, 'zookeeper/bin/cli_mt');
  // Line by line, since what it prints to standard output would otherwise come at the end.
  const child = spawn(...mortal('stdbuf', ['-oL', shell, `127.0.0.1:${port}`]), {
    env: {
      ...process.env,
      LD_LIBRARY_PATH: architectures
        .filter((name) => name.endsWith('-linux-gnu'))
        .map((name) => join(libraries, name))
        .join(':'),
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  child.stdin.on('error', () => {});
  const exited = new Promise<number>((done) => {
    child.on('error', () => done(-1));
    child.on('close', (code) => done(code ?? -1));
  });
  const wait = async (answer: RegExp): Promise<string> => {
    const deadline = Date.now() + PATIENCE_MS;
    while (!answer.test(printed)) {
      if (Date.now() > deadline || child.exitCode !== null) {
        throw new Error(`${answer} was never printed, only:\n${printed}`);
      }
      await new Promise((wake) => setTimeout(wake, 5));
    }
    return printed;
  };
  return {
    wait,
    type: (line, answer) => {
      printed = '';
      child.stdin.write(`${line}\n`);
      return wait(answer);
    },
    quit: () => {
      child.stdin.end('quit\n');
      return exited;
    },
    exited,
  };
}
