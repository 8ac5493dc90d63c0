/**
 * Apache's shell, `zkCli.sh`: one-shot commands, and sessions that are typed into its standard
 * input. The script is Debian's; it runs the classes of 3.8 or of 3.9.
 *
 * Both output streams are kept as lists of lines. Lines about the absence of a logging backend are
 * dropped, since they come from how the test starts the shell.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type ApacheVersion, installApache } from './apache.ts';

export interface Output {
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

export interface ShellSession {
  /** All that was printed so far. */
  readonly printed: () => Output;
  readonly type: (line: string) => void;
  /** Ends the input, which ends the shell, and waits for that; a shell that hangs is killed. */
  readonly end: () => Promise<number>;
}

const END_TIMEOUT_MS = 30_000;
const quickJvm = '-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto';

/** Makes the shell ready and gives back a function that starts it. */
export async function installShell(
  version: ApacheVersion,
): Promise<(args: readonly string[]) => ShellSession> {
  const debian = await installApache('3.8');
  const script = join(debian.debianRoot ?? '', 'usr/share/zookeeper/bin/zkCli.sh');
  await writeEnvironment(join(dirname(script), '../libexec/zkEnv.sh'));
  const { classpath } = version === '3.8' ? debian : await installApache(version);
  const jars = classpath.split(':').filter((entry) => !entry.includes('slf4j-log4j12'));
  const env = {
    PEER_CLASSPATH: jars.join(':'),
    CLIENT_JVMFLAGS: `${quickJvm} -Dlogback.configurationFile=${silentLogback(debian.debianRoot)}`,
  };
  return (args) => startSession(script, args, env);
}

function silentLogback(root: string | undefined): string {
  return join(root ?? '', 'usr/share/zookeeper/libexec/logback.xml');
}

/** What `zkCli.sh` sources before it starts Java: here, what the test says. */
async function writeEnvironment(path: string): Promise<void> {
  if (existsSync(path)) return;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(silentLogback(join(dirname(path), '../../../..')), '<configuration/>\n');
  await writeFile(`${path}.new`, 'JAVA=java\nCLASSPATH="$PEER_CLASSPATH"\nZOO_LOG_DIR=/tmp\n');
  await rename(`${path}.new`, path);
}

function startSession(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): ShellSession {
  const child = spawn('bash', [script, ...args], {
    env: { ...process.env, ...env, TZ: 'UTC', LC_ALL: 'C.UTF-8' },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => {});
  const exited = new Promise<number>((done) => {
    child.on('error', () => done(-1));
    child.on('close', (code) => done(code ?? -1));
  });
  // The script is not replaced by Java, so the signal goes to both.
  const kill = (): void => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  };
  return {
    printed: () => ({ stdout: lines(stdout), stderr: lines(stderr) }),
    type: (line) => void child.stdin.write(`${line}\n`),
    end: async () => {
      child.stdin.end();
      const timer = setTimeout(kill, END_TIMEOUT_MS);
      const code = await exited;
      clearTimeout(timer);
      return code;
    },
  };
}

/** Whole lines only, so that what is still being printed is not judged. */
function lines(text: string): string[] {
  return text
    .split('\n')
    .slice(0, -1)
    .filter((line) => !line.startsWith('SLF4J') && !/^log4j:WARN/.test(line));
}
