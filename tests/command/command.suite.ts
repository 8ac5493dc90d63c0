// The command as its users meet it: the build, started as a process of its own.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(root, 'packages/cli/bin/zabra.js');

let directory: string;
const started: ChildProcess[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'zabra-command-'));
});

afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(directory, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(...args: readonly string[]): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    cwd: directory,
    encoding: 'utf8',
    timeout: 10_000,
  });
  return { code: status, stdout, stderr };
}

interface Serving {
  readonly port: number;
  readonly child: ChildProcess;
  readonly output: () => string;
}

/** Starts `zabra serve` and waits until it says where it listens. */
async function serve(args: readonly string[], env: Record<string, string> = {}): Promise<Serving> {
  const child = spawn(process.execPath, [bin, 'serve', ...args], {
    cwd: directory,
    env: { ...process.env, ...env },
  });
  started.push(child);
  let output = '';
  const port = await new Promise<number>((resolve, reject) => {
    const onData = (chunk: Buffer): void => {
      output += chunk.toString();
      const [, found] = /listening on \S+:(\d+)/.exec(output) ?? [];
      if (found !== undefined) resolve(Number(found));
    };
    child.stdout.on('data', onData);
    child.stderr.on('data', onData);
    child.on('exit', (code) =>
      reject(new Error(`ended with ${code} before it served:\n${output}`)),
    );
  });
  return { port, child, output: () => output };
}

async function exitCodeAfter(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const exited = once(child, 'exit');
  child.kill(signal);
  const [code] = await exited;
  return code;
}

/** Sends a word and closes its side, as `echo ruok | nc` does. */
async function ask(port: number, word: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.end(word);
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  return answer;
}

function writeConfig(text: string): string {
  const path = join(directory, 'zoo.cfg');
  writeFileSync(path, text);
  return path;
}

describe('zabra', () => {
  it('tells its version', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'packages/cli/package.json'), 'utf8'));
    expect(run('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('explains itself', () => {
    const { code, stdout } = run('--help');
    expect(code).toBe(0);
    expect(stdout).toContain('serve');
  });

  it('ends with 2 when it is called in a way it does not know', () => {
    expect(run('sevre').code).toBe(2);
    expect(run('serve', '--prot', '1').code).toBe(2);
  });
});

describe('zabra serve', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('serves until %s, then ends with 0', async (signal) => {
    const { port, child } = await serve(['--port', '0', '--data-dir', join(directory, 'data')]);
    expect(await ask(port, 'ruok')).toBe('imok');
    expect(await exitCodeAfter(child, signal)).toBe(0);
  });

  it('starts over on the data it left', async () => {
    const args = ['--port', '0', '--data-dir', join(directory, 'data')];
    const first = await serve(args);
    expect(await exitCodeAfter(first.child, 'SIGTERM')).toBe(0);
    const second = await serve(args);
    expect(await ask(second.port, 'ruok')).toBe('imok');
  });

  it('reads a zoo.cfg and tells who set what', async () => {
    const path = writeConfig(`dataDir=${directory}/data\nclientPort=2181\ntickTime=2000\n`);
    const args = [path, '-Dzookeeper.maxClientCnxns=7', '-DclientPort=0'];
    const { port, output } = await serve(args, { ZABRA_TICK_TIME: '500' });
    const conf = await ask(port, 'conf');
    expect(conf).toContain('tickTime=500\n');
    expect(conf).toContain('maxClientCnxns=7\n');
    expect(output()).toContain('tickTimeMs = 500   environment variable ZABRA_TICK_TIME');
  });

  it('takes ZooKeeper’s short form', async () => {
    const { port } = await serve(['0', join(directory, 'data'), '700', '3']);
    const conf = await ask(port, 'conf');
    expect(conf).toContain('tickTime=700\n');
    expect(conf).toContain('maxClientCnxns=3\n');
  });

  it('says so when the port is taken, and ends with 1', async () => {
    const other = createServer().listen(0);
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const { code, stderr } = run('serve', '--port', port, '--data-dir', join(directory, 'data'));
    other.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`${port} is in use`);
    expect(stderr).not.toContain('    at ');
  });
});

// Beside each, what Apache ZooKeeper 3.8.0 says: the same last line, and the same exit code.
describe('a configuration that cannot be served', () => {
  it.each([
    ['', 'dataDir is not set'],
    ['dataDir=DIR\nclientPort=abc', 'For input string: "abc"'],
    ['dataDir=DIR\nstandaloneEnabled=maybe', 'Invalid option maybe for standaloneEnabled.'],
    ['dataDir=DIR\nserver.1=a:1:2\nserver.2=b:1:2', 'initLimit is not set'],
    [
      'dataDir=DIR\nminSessionTimeout=9\nmaxSessionTimeout=8',
      'minSessionTimeout must not be larger than maxSessionTimeout',
    ],
    ['dataDir=DIR\nelectionAlg=1', 'Invalid electionAlg value. Only 3 is supported.'],
  ])('%j ends with 2: %s', (text, problem) => {
    const path = writeConfig(text.replace('DIR', directory));
    const { code, stderr } = run('serve', path);
    expect(stderr).toContain(problem);
    expect(stderr.trimEnd().split('\n').at(-1)).toBe('Invalid config, exiting abnormally');
    expect(code).toBe(2);
  });

  it('may be no file at all', () => {
    const { code, stderr } = run('serve', 'nothing.cfg');
    expect(stderr).toContain('nothing.cfg file is missing');
    expect(code).toBe(2);
  });
});
