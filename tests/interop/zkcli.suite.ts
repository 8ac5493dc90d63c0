/**
 * Apache's shell: whole transcripts captured from 3.8.0 are typed again, and every line it prints
 * must be the same.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../support/peers-process.ts';
import { INSTALL_TIMEOUT_MS } from '../support/peers-report.ts';
import { type ServerUnderTest, semantics, serverKind, startServerUnderTest } from '../support/peers-server.ts';
import { installShell, type Output, type ShellSession } from '../support/peers-zkcli.ts';
import { normalize, play, readTranscript, type Session } from './transcript.ts';

/** The shell asks for 30 s; sessions that are left behind shall not last that long. */
const SESSION_TIMEOUT_MS = 3_000;
const EXPIRY_MS = SESSION_TIMEOUT_MS + 1_500;
const PLAY_TIMEOUT_MS = 3 * 60_000;

/** The ports in the captures: the server of transcripts 1 to 4, of 8 and 9, and a dead one. */
const CAPTURED_PORT = 23000;
const CAPTURED_QUOTA_PORT = 23070;
const CAPTURED_DEAD_PORT = 23099;

/**
 * Where 3.9 answers otherwise than the captured 3.8.0, and why.
 * Keyed by transcript and command; the command's position tells equal ones apart.
 */
interface Difference {
  readonly transcript: string;
  readonly command: string;
  readonly position: number;
  readonly expected: Output;
  readonly reason: string;
}
const differencesOf39: readonly Difference[] = [];

describe(`zkCli.sh 3.8.0 against ${serverKind}`, () => {
  let server: ServerUnderTest;
  let shell: (args: readonly string[]) => ShellSession;
  let deadPort: number;

  beforeAll(async () => {
    shell = await installShell('3.8');
    deadPort = await freePort();
    server = await startServerUnderTest({
      properties: { maxSessionTimeout: SESSION_TIMEOUT_MS },
    });
  }, INSTALL_TIMEOUT_MS);

  afterAll(() => server?.stop());

  const ports = (): Record<number, number> => ({
    [CAPTURED_PORT]: server.port,
    [CAPTURED_QUOTA_PORT]: server.port,
    [CAPTURED_DEAD_PORT]: deadPort,
  });

  const toPresentPorts = (command: string): string =>
    Object.entries(ports()).reduce(
      (text, [captured, now]) => text.replaceAll(`127.0.0.1:${captured}`, `127.0.0.1:${now}`),
      command,
    );

  /** One typed session as a block of tests: one for each command, one for the exit code. */
  const describeSession = (
    title: string,
    transcript: string,
    session: Session,
    options: { readonly exactZxids?: boolean; readonly before?: () => Promise<void> } = {},
  ): void => {
    describe(title, () => {
      let outputs: Output[] = [];
      let exitCode = 0;

      beforeAll(async () => {
        await options.before?.();
        const typed = session.steps.map((step) =>
          step.command === undefined ? step : { ...step, command: toPresentPorts(step.command) },
        );
        const run = shell(['-server', `127.0.0.1:${server.port}`]);
        outputs = await play(run, typed);
        exitCode = await run.end();
      }, PLAY_TIMEOUT_MS);

      session.steps.forEach((step, position) => {
        const difference = differencesOf39.find(
          (one) =>
            semantics === '3.9' &&
            one.transcript === transcript &&
            one.position === position &&
            one.command === step.command,
        );
        const name = `${position}: ${step.command ?? '(start)'}`;
        test(difference ? `${name} (3.9: ${difference.reason})` : name, () => {
          const normal = { ports: ports(), exactZxids: options.exactZxids ?? false };
          const expected = difference?.expected ?? step.expected;
          const output = outputs[position] ?? { stdout: [], stderr: [] };
          expect(normalize(output, normal)).toEqual(normalize(expected, { ...normal, ports: {} }));
        });
      });

      test('exit code', () => {
        expect(exitCode).toBe(session.exitCode);
      });
    });
  };

  const pause = (ms: number) => (): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

  const [basic] = readTranscript('cli-1-basic');
  if (basic) describeSession('basics', 'cli-1-basic', basic, { exactZxids: true });

  const [access] = readTranscript('cli-2-acl-watch-quota');
  if (access) {
    describeSession('access, watches, quotas, history', 'cli-2-acl-watch-quota', access, {
      before: pause(EXPIRY_MS),
    });
  }

  const [rest] = readTranscript('cli-3-deleteall-connect');
  if (rest) {
    describeSession('deleteall, reconfig, connect', 'cli-3-deleteall-connect', rest, {
      before: pause(EXPIRY_MS),
    });
  }

  describe('one command per process', () => {
    for (const session of readTranscript('cli-4-noninteractive')) {
      const step = session.steps[0];
      if (step?.command === undefined) continue;
      const { command, expected } = step;
      test(command, async () => {
        const run = shell(toPresentPorts(command).split(' '));
        expect(await run.end()).toBe(session.exitCode);
        const normal = { ports: ports() };
        expect(withoutWatchers(normalize(run.printed(), normal))).toEqual(
          withoutWatchers(normalize(expected, { ports: {} })),
        );
      });
    }
  });

  const [quota] = readTranscript('cli-8-enforce-quota');
  if (quota) {
    describeSession('hard quotas', 'cli-8-enforce-quota', quota, {
      before: async () => {
        await server.stop();
        server = await startServerUnderTest({
          systemProperties: { 'zookeeper.enforceQuota': true },
        });
      },
    });
  }

  const [refused, accepted] = readTranscript('cli-9-enforce-auth');
  const enforceAuthentication = (): Promise<void> =>
    server.restart({
      systemProperties: {
        'zookeeper.enforce.auth.enabled': true,
        'zookeeper.enforce.auth.schemes': 'digest',
      },
    });
  if (refused && accepted) {
    describeSession('enforced authentication, too late', 'cli-9-enforce-auth', refused, {
      before: enforceAuthentication,
    });
    describeSession('enforced authentication, in time', 'cli-9-enforce-auth', accepted);
  }
});

/** A process that does one thing may end before or after it hears that it is connected. */
function withoutWatchers(output: Output): Output {
  const stdout = output.stdout.join('\n').replace(/\n\nWATCHER::\n\nWatchedEvent [^\n]*/g, '');
  return { stdout: stdout.split('\n'), stderr: output.stderr };
}
