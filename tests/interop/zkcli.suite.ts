/**
 * Apache's shell: whole transcripts captured from real servers are typed again, and every line the
 * shell prints must be the same.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApacheVersion } from '../support/apache.ts';
import { freePort } from '../support/peers-process.ts';
import { INSTALL_TIMEOUT_MS } from '../support/peers-report.ts';
import {
  type ServerOptions,
  type ServerSettings,
  type ServerUnderTest,
  semantics,
  serverKind,
  startServerUnderTest,
} from '../support/peers-server.ts';
import { installShell, type Output, type ShellSession } from '../support/peers-zkcli.ts';
import { type Normal, normalize, play, readTranscript, type Step } from './transcript.ts';

/** The shell asks for 30 s; sessions that are left behind shall not last that long. */
const SESSION_TIMEOUT_MS = 3_000;
const EXPIRY_MS = SESSION_TIMEOUT_MS + 1_500;
const PLAY_TIMEOUT_MS = 3 * 60_000;

/** The ports in the captures. */
const capturedPorts = { server: 23000, quotaServer: 23070, nobody: 23099 };

/**
 * Where a 3.9 server answers otherwise than the captured 3.8.0: a recursive watch of the second
 * transcript stays when a one-shot watch is set on the same path, and goes on firing. In 3.8 the
 * later kind replaced the earlier one. By position in the transcript.
 */
const lastingRecursiveWatch: Readonly<Record<number, readonly [command: string, event: string]>> = {
  52: ['delete /s1/k4', 'NodeDeleted path:/s1/k4'],
  54: ['set /s1 v11', 'NodeDataChanged path:/s1'],
  58: ['delete /s1/newnode', 'NodeDeleted path:/s1/newnode'],
  60: ['create -e /s1/e2 x', 'NodeCreated path:/s1/e2'],
  71: ['create /s1/q1 d', 'NodeCreated path:/s1/q1'],
  72: ['create /s1/q2 d', 'NodeCreated path:/s1/q2'],
};

interface SessionOptions {
  readonly transcript: string;
  /** Which of the sessions in the file. */
  readonly index?: number;
  readonly exactZxids?: boolean;
  readonly before?: () => Promise<void>;
}

/** A shell against a server of its own; `body` says which transcripts are played on it. */
function describeShell(
  version: ApacheVersion,
  options: ServerOptions,
  body: (bench: Bench) => void,
): void {
  describe(`zkCli.sh ${version} against ${serverKind}`, () => {
    const bench = new Bench(version, options);
    beforeAll(() => bench.start(), INSTALL_TIMEOUT_MS);
    afterAll(() => bench.stop());
    body(bench);
  });
}

class Bench {
  readonly #version: ApacheVersion;
  readonly #options: ServerOptions;
  #server: ServerUnderTest | undefined;
  #shell: ((args: readonly string[]) => ShellSession) | undefined;
  #deadPort = 0;

  constructor(version: ApacheVersion, options: ServerOptions) {
    this.#version = version;
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#shell = await installShell(this.#version);
    this.#deadPort = await freePort();
    this.#server = await startServerUnderTest(this.#options);
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
  }

  restart(settings: ServerSettings): Promise<void> {
    return this.#server?.restart(settings) ?? Promise.reject(new Error('no server'));
  }

  /** One typed session as a block of tests: one for each command, one for the exit code. */
  describeSession(title: string, options: SessionOptions): void {
    const { transcript, index = 0, exactZxids = false } = options;
    const session = readTranscript(transcript)[index];
    if (!session) throw new Error(`${transcript} has no session ${index}`);
    const steps = withDifferences(transcript, session.steps);
    describe(title, () => {
      let outputs: Output[] = [];
      let exitCode = 0;

      beforeAll(async () => {
        await options.before?.();
        const shell = this.run(['-server', `127.0.0.1:${capturedPorts.server}`]);
        const typed = steps.map((step) => ({
          ...step,
          command: step.command === undefined ? undefined : this.#toPresentPorts(step.command),
        }));
        outputs = await play(shell, typed);
        exitCode = await shell.end();
      }, PLAY_TIMEOUT_MS);

      steps.forEach((step, position) => {
        test(`${position}: ${step.command ?? '(start)'}`, () => {
          const normal = { ports: this.#ports(), exactZxids };
          const output = outputs[position] ?? { stdout: [], stderr: [] };
          const order = step.command === undefined ? inAnyOrder : asPrinted;
          expect(order(normalize(output, normal))).toEqual(order(normalize(step.expected, normal)));
        });
      });

      test('exit code', () => {
        expect(exitCode).toBe(session.exitCode);
      });
    });
  }

  /** Every session of a transcript as a process that does one thing. */
  describeSingleCommands(title: string, transcript: string): void {
    describe(title, () => {
      for (const session of readTranscript(transcript)) {
        const step = session.steps[0];
        if (step?.command === undefined) continue;
        const { command, expected } = step;
        test(command, async () => {
          const shell = this.run(command.split(' '));
          expect(await shell.end()).toBe(session.exitCode);
          const normal: Normal = { ports: this.#ports(), exactZxids: false };
          expect(withoutWatchers(normalize(shell.printed(), normal))).toEqual(
            withoutWatchers(normalize(expected, normal)),
          );
        });
      }
    });
  }

  run(args: readonly string[]): ShellSession {
    if (!this.#shell) throw new Error('the shell is not installed');
    return this.#shell(args.map((arg) => this.#toPresentPorts(arg)));
  }

  #toPresentPorts(text: string): string {
    const port = this.#server?.port;
    return text
      .replaceAll(`127.0.0.1:${capturedPorts.server}`, `127.0.0.1:${port}`)
      .replaceAll(`127.0.0.1:${capturedPorts.nobody}`, `127.0.0.1:${this.#deadPort}`);
  }

  #ports(): ReadonlyMap<number, string> {
    return new Map([
      [capturedPorts.server, 'server'],
      [capturedPorts.quotaServer, 'server'],
      [this.#server?.port ?? 0, 'server'],
      [capturedPorts.nobody, 'nobody'],
      [this.#deadPort, 'nobody'],
    ]);
  }
}

function withDifferences(transcript: string, steps: readonly Step[]): readonly Step[] {
  if (semantics !== '3.9' || transcript !== 'cli-2-acl-watch-quota') return steps;
  return steps.map((step, position) => {
    const [command, event] = lastingRecursiveWatch[position] ?? [];
    if (command === undefined) return step;
    if (command !== step.command) throw new Error(`${position} is "${step.command}"`);
    const print = ['', 'WATCHER::', '', `WatchedEvent state:SyncConnected type:${event}`];
    const { stdout, stderr } = step.expected;
    return { command, expected: { stdout: [...print, ...stdout], stderr } };
  });
}

/** A process that does one thing may end before, while or after it says that it is connected. */
function withoutWatchers(output: Output): Output {
  const isPrintOfWatcher = (line: string): boolean =>
    line === '' || line === 'WATCHER::' || line.startsWith('WatchedEvent ');
  return { stdout: output.stdout.filter((line) => !isPrintOfWatcher(line)), stderr: output.stderr };
}

const asPrinted = (output: Output): Output => output;

/** At its start the shell greets and reports the connection by two threads. */
function inAnyOrder(output: Output): Output {
  return { stdout: [...output.stdout].sort(), stderr: output.stderr };
}

/** Sessions that a shell has left behind must be gone, with their ephemerals. */
const untilExpired = (): Promise<void> => new Promise((wake) => setTimeout(wake, EXPIRY_MS));

const shortSessions = { settings: { maxSessionTimeout: SESSION_TIMEOUT_MS } };

describeShell('3.8', shortSessions, (bench) => {
  bench.describeSession('basics', { transcript: 'cli-1-basic', exactZxids: true });
  bench.describeSession('access, watches, quotas, history', {
    transcript: 'cli-2-acl-watch-quota',
    before: untilExpired,
  });
  bench.describeSession('deleteall, reconfig, connect', {
    transcript: 'cli-3-deleteall-connect',
    before: untilExpired,
  });
  bench.describeSingleCommands('one command per process', 'cli-4-noninteractive');
});

const enforcedQuota = { properties: { 'zookeeper.enforceQuota': true } };
const enforcedAuthentication = {
  properties: {
    'zookeeper.enforce.auth.enabled': true,
    'zookeeper.enforce.auth.schemes': 'digest',
  },
};

describeShell('3.8', enforcedQuota, (bench) => {
  bench.describeSession('hard quotas', { transcript: 'cli-8-enforce-quota' });
  bench.describeSession('enforced authentication, too late', {
    transcript: 'cli-9-enforce-auth',
    before: () => bench.restart(enforcedAuthentication),
  });
  bench.describeSession('enforced authentication, in time', {
    transcript: 'cli-9-enforce-auth',
    index: 1,
  });
});

if (semantics === '3.9') {
  describeShell('3.9', {}, (bench) => {
    bench.describeSession('watches of all kinds, bytes, access, quotas', {
      transcript: 'cli-39',
      exactZxids: true,
    });
  });
}
