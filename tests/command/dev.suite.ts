// `zabra dev` and `zabra status` as their users meet them: real processes, some of them killed.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { RawClient } from '../support/raw-client.ts';
import { createBody, Op, pathAndWatch } from '../support/raw-requests.ts';

const bin = fileURLToPath(new URL('../../packages/cli/bin/zabra.js', import.meta.url));
const started: ChildProcess[] = [];

afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
});

interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Waits for what is said; rejects when the command ends before. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
}

function dev(...args: readonly string[]): Running {
  const child = spawn(process.execPath, [bin, 'dev', ...args]);
  started.push(child);
  let output = '';
  const onData = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', onData);
  child.stderr.on('data', onData);
  const until = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(output);
      if (found !== null) return found;
      if (child.exitCode !== null) throw new Error(`it ended:\n${output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { child, output: () => output, until };
}

function status(...args: readonly string[]): {
  readonly code: number | null;
  readonly out: string;
} {
  const { status: code, stdout } = spawnSync(process.execPath, [bin, 'status', ...args], {
    encoding: 'utf8',
  });
  return { code, out: stdout };
}

async function end({ child }: Running): Promise<number | null> {
  const exited = once(child, 'exit');
  child.kill('SIGINT');
  const [code] = await exited;
  return code;
}

async function write(port: number, path: string): Promise<void> {
  const client = await RawClient.connect({ port });
  await client.must(Op.create, createBody(path, { data: 'x' }));
  await client.closeSession();
}

const CONNECT = /^connect to (\S+)$/m;
const PORT = /:(\d+)/;

describe('zabra dev', { timeout: 60_000 }, () => {
  it('serves one server from memory, and tells where', async () => {
    const one = dev();
    const [, connectString = ''] = await one.until(CONNECT);
    await write(Number(PORT.exec(connectString)?.[1]), '/dev');
    const { code, out } = status(connectString);
    expect(out).toContain('standalone');
    expect(code).toBe(0);
    expect(await end(one)).toBe(0);
  });

  it('runs three servers that survive their leader, and leaves nothing behind', async () => {
    const three = dev('--ensemble', '3', '--observers', '1');
    const [, connectString = ''] = await three.until(CONNECT);
    const [, leader = '', pid = ''] = await three.until(/server (\d) leads \(kill -9 (\d+)/);
    const [, directory = ''] = await three.until(/until Ctrl-C, in ([^,]+), thrown away/);
    const ports = connectString.split(',').map((one) => Number(PORT.exec(one)?.[1]));
    expect(ports).toHaveLength(4);
    await write(ports[0]!, '/before');
    process.kill(Number(pid), 'SIGKILL');
    await three.until(new RegExp(`server (?!${leader} )\\d leads`));
    await three.until(new RegExp(`server ${leader} was ended by SIGKILL`));
    const other = ports[leader === '1' ? 1 : 0]!;
    await write(other, '/after');
    const client = await RawClient.connect({ port: other });
    expect((await client.call(Op.exists, pathAndWatch('/before'))).error).toBe(0);
    await client.closeSession();
    expect(await end(three)).toBe(0);
    expect(existsSync(directory)).toBe(false);
  });

  it('does not go on for ever with a server that cannot come up', async () => {
    const blocker = dev('--port', '0');
    const [, connectString = ''] = await blocker.until(CONNECT);
    const port = PORT.exec(connectString)?.[1] ?? '';
    const blocked = dev('--ensemble', '3', '--port', port);
    const [code] = await once(blocked.child, 'exit');
    expect(blocked.output()).toContain('Server 1 does not come up. It said:');
    expect(blocked.output()).toContain(`${port} is in use`);
    expect(code).toBe(1);
  });
});

describe('zabra status', { timeout: 60_000 }, () => {
  it('tells role, epoch and lag of each, and ends with 1 when one is missing', async () => {
    const three = dev('--ensemble', '3');
    const [, connectString = ''] = await three.until(CONNECT);
    const [, leader = ''] = await three.until(/server (\d) leads/);
    await three.until(/leads/);
    const servers = connectString.split(',');
    for (let all = status(connectString); all.code !== 0; all = status(connectString)) {
      expect(all.code).toBe(1);
    }
    await write(Number(PORT.exec(servers[0]!)?.[1]), '/x');
    const { servers: lines } = JSON.parse(status('-o', 'json', connectString).out);
    expect(lines.map(({ role }: { role: string }) => role).sort()).toEqual([
      'follower',
      'follower',
      'leader',
    ]);
    expect(lines[Number(leader) - 1]).toMatchObject({ role: 'leader', epoch: 1, lag: 0 });
    const missing = status(connectString, '127.0.0.1:1');
    expect(missing.code).toBe(1);
    expect(missing.out).toContain('127.0.0.1:1: nobody listens there');
  });

  it('says what is no address', () => {
    const { status: code, stderr } = spawnSync(process.execPath, [bin, 'status', 'a:b'], {
      encoding: 'utf8',
    });
    expect(code).toBe(2);
    expect(stderr).toContain("'a:b' is no address of a server");
  });
});
