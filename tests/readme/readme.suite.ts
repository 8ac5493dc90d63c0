/**
 * Whatever the README shows is run as it stands there, in a copy of this checkout: every block of
 * shell, every program. Only places are exchanged: the port 2181 for a free one, /var/lib/zookeeper
 * for a directory of the test's. It holds a data directory that Apache ZooKeeper has written.
 *
 * A block that ends in a command which serves is run until it answers, then stopped by SIGTERM.
 * `npm test` and its like stand in the prose only: that they are there is checked, they are not run,
 * since npm test would be run by a test that is run beside it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { repositoryRoot } from '../support/peers-cache.ts';
import { javaPeer } from '../support/peers-java.ts';
import { nodePeer } from '../support/peers-node.ts';
import { fourLetterWord, freePort } from '../support/peers-process.ts';
import { kazooPeer } from '../support/peers-python.ts';
import { INSTALL_TIMEOUT_MS } from '../support/peers-report.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { blocksOf, npmCommandsOf } from './blocks.ts';
import { copyCheckout } from './checkout.ts';

const SERVING_TIMEOUT_MS = 60_000;
/** The last line of a block: from here on it serves. */
const SERVES = /^(?:\w+=\S+ )*(?:npm start|npx zabra (?:serve|dev))\b.*\n$/m;

const MEMBER = /Mode: (leader|follower)/;

const readme = await readFile(join(repositoryRoot, 'README.md'), 'utf8');
const blocks = blocksOf(readme);

let scratch: string;
let checkout: string;
let server: ServerProcess;
const started = new Set<ChildProcess>();

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'zabra-readme-'));
  checkout = join(scratch, 'checkout');
  await copyCheckout(checkout);
  await unpackApacheDirectory();
  await provideNc();
  server = await startServer({
    product: 'zabra',
    settings: { '4lw.commands.whitelist': 'ruok,srvr,mntr' },
  });
}, INSTALL_TIMEOUT_MS);

afterAll(async () => {
  for (const child of started) killGroup(child, 'SIGKILL');
  await server?.stop();
  await rm(scratch, { recursive: true, force: true });
});

function textOf(language: string): string[] {
  return blocks.filter((block) => block.language === language).map(({ text }) => text);
}

/** The README's text with the places of this test in it. */
function here(text: string, port: number): string {
  return text.replaceAll('2181', String(port)).replaceAll('/var/lib/zookeeper', dataDirectory());
}

function dataDirectory(): string {
  return join(scratch, 'var-lib-zookeeper');
}

async function unpackApacheDirectory(): Promise<void> {
  const packed = join(repositoryRoot, 'tests/golden/data-dirs/standalone-all-types.tar.gz');
  const { status, stderr } = spawnSync('tar', ['-xzf', packed, '-C', scratch], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`cannot unpack ${packed}: ${stderr}`);
  await rename(join(scratch, 'standalone-all-types'), dataDirectory());
}

/** Where the machine has no nc, a few lines take its place. */
async function provideNc(): Promise<void> {
  const folder = join(scratch, 'bin');
  await mkdir(folder);
  if (spawnSync('nc', ['-h']).error === undefined) return;
  const program = `#!${process.execPath}
const socket = require('node:net').connect(process.argv[3], process.argv[2]);
process.stdin.pipe(socket).pipe(process.stdout);
`;
  await writeFile(join(folder, 'nc'), program, { mode: 0o755 });
}

interface Shell {
  readonly child: ChildProcess;
  readonly output: () => string;
}

/** Starts a script of bash in the copy, in a process group of its own. */
function startShell(script: string, env: Readonly<Record<string, string>> = {}): Shell {
  // A bash that finds a socket for its input takes itself for a remote one, and reads what makes it one.
  const child = spawn('bash', ['--norc', '-euo', 'pipefail', '-c', script], {
    cwd: checkout,
    detached: true,
    env: { ...process.env, ...env, PATH: `${join(scratch, 'bin')}:${process.env.PATH}` },
  });
  started.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return { child, output: () => output };
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  process.kill(-child.pid, signal);
}

/** Runs a block that ends by itself; what it printed. */
async function runBlock(text: string, env?: Readonly<Record<string, string>>): Promise<string> {
  const { child, output } = startShell(here(text, server.port), env);
  const [code] = await once(child, 'close');
  expect(code, output()).toBe(0);
  return output();
}

/** Runs a block that ends by serving; what is answered to the words before it is told to stop. */
async function serveBlock(text: string, ...words: string[]): Promise<string> {
  const port = await freePort();
  // `npm start` names no port. Whatever else is set in the environment wins over zoo.cfg.
  const { child, output } = startShell(here(text, port), { ZABRA_CLIENT_PORT: String(port) });
  const deadline = Date.now() + SERVING_TIMEOUT_MS;
  while (!/listening on|server \d leads/.test(output())) {
    const isRunning = child.exitCode === null && Date.now() < deadline;
    if (!isRunning) throw new Error(`it does not serve:\n${output()}`);
    await sleep(50);
  }
  let answer = '';
  for (const word of words) answer += await fourLetterWord(port, word);
  const closed = once(child, 'close');
  killGroup(child, 'SIGTERM');
  await closed;
  return answer;
}

describe('the shell blocks', () => {
  for (const [index, text] of textOf('sh').entries()) {
    test(`${index}: ${text.trimEnd().split('\n').at(-1)}`, { timeout: 120_000 }, async () => {
      if (!SERVES.test(text)) {
        const said = await runBlock(text);
        expect(said).toContain('imok');
        expect(said).toContain('Mode: standalone');
        expect(said).toContain('zk_znode_count\t');
        expect(said).toMatch(/^localhost:\d+ +standalone/m);
        return;
      }
      const answer = await serveBlock(text, 'srvr');
      expect(answer).toMatch(text.includes('--ensemble') ? MEMBER : /Mode: standalone/);
    });
  }

  test('a server that was told nothing answers the words that read, and no others', async () => {
    const [start = ''] = textOf('sh');
    const answer = await serveBlock(start, 'ruok', 'conf', 'mntr', 'dump', 'wchp');
    expect(answer).toMatch(/^imokclientPort=/);
    expect(answer).toContain('zk_znode_count\t');
    for (const word of ['dump', 'wchp']) expect(answer).toContain(`${word} is not executed`);
  });

  test('what Apache wrote is there', async () => {
    const restart = textOf('sh').find((text) => text.startsWith('cp -a')) ?? '';
    const answer = await serveBlock(restart.split('\n').slice(1).join('\n'), 'srvr');
    expect(Number(/Node count: (\d+)/.exec(answer)?.[1])).toBeGreaterThan(10);
    await access(`${dataDirectory()}.before/version-2`);
  });
});

describe('the clients', () => {
  /** Writes the block beside what it needs, runs it and gives back what it printed. */
  async function runProgram(name: string, text: string, command: string): Promise<string> {
    const folder = await mkdtemp(join(scratch, 'client-'));
    await writeFile(join(folder, name), here(text, server.port));
    return runBlock(`cd ${folder}\n${command}`);
  }

  test('Java', { timeout: INSTALL_TIMEOUT_MS }, async () => {
    const { args } = await javaPeer('Hello');
    const classpath = args[args.indexOf('-cp') + 1] ?? '';
    const [text = ''] = textOf('java');
    const printed = await runProgram('Hello.java', text, `java -cp '${classpath}' Hello.java`);
    expect(printed).toContain('hello\n');
  });

  test('Python', { timeout: INSTALL_TIMEOUT_MS }, async () => {
    const { env } = await kazooPeer();
    const [text = ''] = textOf('python');
    const command = `PYTHONPATH='${env?.PYTHONPATH}' python3 hello.py`;
    expect(await runProgram('hello.py', text, command)).toBe('hello\n');
  });

  test('Node.js', { timeout: INSTALL_TIMEOUT_MS }, async () => {
    const { env } = await nodePeer('node-zookeeper-client');
    const [text = ''] = textOf('js');
    const command = `NODE_PATH='${env?.PEER_MODULES}/node_modules' node hello.cjs`;
    expect(await runProgram('hello.cjs', text, command)).toBe('hello\n');
  });
});

describe('a server inside a program', () => {
  test('the blocks, compiled for Node.js 20', { timeout: 60_000 }, async () => {
    const folder = join(checkout, 'embedding');
    await mkdir(folder);
    const port = await freePort();
    const texts = textOf('ts');
    const names = texts.map((_, index) => `block-${index}.ts`);
    for (const [index, text] of texts.entries()) {
      await writeFile(join(folder, `block-${index}.ts`), here(text, port));
    }
    const options = ['--target es2023', '--lib es2023,esnext.disposable', '--module nodenext'];
    const compile = `npx tsc --ignoreConfig --strict --types node ${options.join(' ')} ${names.join(' ')}`;
    await runBlock(`cd embedding\n${compile}`);
    const printed = await runBlock('cd embedding\nfor file in block-*.js; do node $file; done');
    expect(printed.match(/clients connect to localhost:\d+\n/g)).toHaveLength(texts.length);
    expect(printed).toContain(`localhost:${port}\n`);
    await access(join(folder, 'data/version-2'));
  });

  test('the example', async () => {
    const printed = await runBlock('node examples/embedded/embedded.mjs');
    expect(printed).toMatch(
      /^in memory: localhost:\d+\non disk: 127\.0\.0\.1:\d+\non disk: 127\.0\.0\.1:\d+\nclosed\n$/,
    );
  });

  test('the example of a client', async () => {
    const printed = await runBlock('node examples/client/client.mjs');
    expect(printed).toContain('set /price: the node has another version (BadVersion)\n');
    expect(printed).toContain('ordered: order-0000000001\n');
    expect(printed).toContain('price: 2 (version 1)\n');
  });
});

describe('the rest', () => {
  test('no block is of a kind that nobody runs', () => {
    const kinds = new Set(blocks.map(({ language }) => language));
    expect([...kinds].sort()).toEqual(['java', 'js', 'python', 'sh', 'ts']);
    const others = ['java', 'js', 'python'].map((kind) => textOf(kind).length);
    expect(others).toEqual([1, 1, 1]);
  });

  test('every npm script that is named is there', async () => {
    const { scripts } = JSON.parse(await readFile(join(repositoryRoot, 'package.json'), 'utf8'));
    const named = npmCommandsOf(readme);
    expect(named).toContain('test');
    for (const name of named) expect(scripts, name).toHaveProperty(name);
  });
});
