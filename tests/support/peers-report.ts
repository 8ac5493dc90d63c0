/**
 * Peer programs: small programs in a foreign language that use a foreign client, print one JSON
 * line per check, and may ask the harness for a fault.
 *
 * | line | meaning |
 * |---|---|
 * | `{"name":"…","ok":true,"detail":"…"}` | the outcome of one check |
 * | `{"ask":"restart"}` | do that, then write the line `done` to the program's standard input |
 *
 * A suite lists the checks it expects by name: one that is never reported fails, and so does one
 * that nobody expects. So a program that dies early cannot pass in silence.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mortal } from './peers-process.ts';
import { type FaultyLink, startProxy } from './peers-proxy.ts';
import {
  type ServerOptions,
  type ServerUnderTest,
  semantics,
  serverKind,
  startServerUnderTest,
} from './peers-server.ts';

/** Long enough for a peer's installation on a machine that has never seen it. */
export const INSTALL_TIMEOUT_MS = 8 * 60_000;

const PEER_TIMEOUT_MS = 4 * 60_000;

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

export interface PeerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface PeerSuite {
  /** Makes sure the peer is there and says how to start it. */
  readonly install: () => Promise<PeerCommand>;
  /** Every check the program reports, in the order of a reader. */
  readonly checks: readonly string[];
  /** Checks of behaviour that came with ZooKeeper 3.9; not asked of a 3.8 server. */
  readonly checksSince39?: readonly string[];
  readonly server?: ServerOptions;
}

export interface Report {
  readonly checks: ReadonlyMap<string, Check>;
  readonly exitCode: number;
  readonly tail: string;
}

/** One peer against one server: every check becomes a test of its own. */
export function describePeer(title: string, suite: PeerSuite): void {
  describe(`${title} against ${serverKind}`, () => {
    let server: ServerUnderTest | undefined;
    let proxy: FaultyLink | undefined;
    let report: Report | undefined;
    let failure: unknown;
    const expected = [...suite.checks, ...(semantics === '3.9' ? (suite.checksSince39 ?? []) : [])];

    beforeAll(async () => {
      try {
        const command = await suite.install();
        server = await startServerUnderTest(suite.server);
        proxy = await startProxy(server.port);
        report = await runAgainst(command, server, proxy);
      } catch (error) {
        // Kept for the tests: were it thrown here, they would count as skipped, not as failed.
        failure = error;
      }
    }, INSTALL_TIMEOUT_MS + PEER_TIMEOUT_MS);

    afterAll(async () => {
      await proxy?.close();
      await server?.stop();
    });

    for (const name of expected) {
      test(name, () => {
        if (failure) throw failure;
        const check = report?.checks.get(name);
        if (!check) expect.fail(`never reported; the program ended like this:\n${report?.tail}`);
        expect(check.ok, check.detail).toBe(true);
      });
    }

    test('the program ends well and reports nothing else', () => {
      if (failure) throw failure;
      const known = new Set(expected);
      const unknown = [...(report?.checks.keys() ?? [])].filter((name) => !known.has(name));
      expect(unknown).toEqual([]);
      expect(report?.exitCode, report?.tail).toBe(0);
    });
  });
}

function runAgainst(
  peer: PeerCommand,
  server: ServerUnderTest,
  proxy: FaultyLink,
): Promise<Report> {
  const environment = { PEER_PORT: String(server.port), PEER_PROXY_PORT: String(proxy.port) };
  return runPeer(peer, environment, {
    restart: () => server.restart(),
    crash: () => server.crash(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    drop: () => proxy.drop(),
    refuse: () => proxy.refuse(),
    hold: () => proxy.hold(),
    open: () => proxy.open(),
  });
}

/** Runs the program to its end, serving its wishes; a program that hangs is killed. */
export function runPeer(
  peer: PeerCommand,
  environment: Readonly<Record<string, string>>,
  wishes: Readonly<Record<string, () => void | Promise<void>>>,
): Promise<Report> {
  const checks = new Map<string, Check>();
  return new Promise((done, fail) => {
    const child = spawn(...mortal(peer.command, peer.args), {
      cwd: peer.cwd,
      env: {
        ...process.env,
        ...peer.env,
        ...environment,
        PEER_SEMANTICS: semantics,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), PEER_TIMEOUT_MS);
    let tail = '';
    const remember = (text: string): void => {
      tail = (tail + text).slice(-6000);
    };
    const answer = async (line: string): Promise<void> => {
      const message = parse(line);
      if (message === undefined) {
        remember(`${line}\n`);
      } else if ('ask' in message) {
        const wish = wishes[message.ask];
        if (!wish) throw new Error(`the peer asks for "${message.ask}", which nobody knows`);
        await wish();
        child.stdin.write('done\n');
      } else {
        checks.set(message.name, message);
      }
    };
    child.stdin.on('error', () => {});
    createInterface({ input: child.stdout }).on('line', (line) => {
      answer(line).catch((error: unknown) => {
        remember(`${error}\n`);
        child.kill('SIGKILL');
      });
    });
    child.stderr.setEncoding('utf8').on('data', remember);
    child.on('error', fail);
    child.on('close', (code) => {
      clearTimeout(timer);
      done({ checks, exitCode: code ?? -1, tail });
    });
  });
}

function parse(line: string): Check | { readonly ask: string } | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Check | { readonly ask: string };
  } catch {
    return undefined;
  }
}
