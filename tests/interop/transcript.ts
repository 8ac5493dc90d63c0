/**
 * Transcripts of Apache's shell, captured from real servers: read, played again, and compared.
 *
 * In a file, `> ` is a typed line, `$ ` a command line of its own process, `O| ` and `E| ` a line
 * of standard output and of standard error; `# exit code` ends a session. The two streams are
 * compared each on its own, since their order to each other is chance.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Output, ShellSession } from '../support/peers-zkcli.ts';

export interface Step {
  /** What is typed; undefined for what the shell prints by itself at its start. */
  readonly command: string | undefined;
  readonly expected: Output;
}

export interface Session {
  readonly steps: readonly Step[];
  readonly exitCode: number;
}

export interface Normal {
  /** Ports of the captures and of now, by what they stand for. */
  readonly ports: ReadonlyMap<number, string>;
  /** The zxids must be the same too: for a fresh server of which every write is known. */
  readonly exactZxids: boolean;
}

type Mutable<Streams> = { [Stream in keyof Streams]: string[] };

const PATIENCE_MS = 4_000;
const QUIET_MS = 300;

/** The sessions of a capture; for one-shot commands, each is a session of one step. */
export function readTranscript(name: string): Session[] {
  const path = fileURLToPath(new URL(`./testdata/zkcli/${name}.txt`, import.meta.url));
  const sessions: Session[] = [];
  let steps: { command: string | undefined; expected: Mutable<Output> }[] = [];
  const begin = (command: string | undefined): void => {
    steps.push({ command, expected: { stdout: [], stderr: [] } });
  };
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const exit = /^# exit code (\d+)/.exec(line);
    if (exit) {
      sessions.push({ steps, exitCode: Number(exit[1]) });
      steps = [];
    } else if (line.startsWith('> ')) begin(line.slice(2));
    else if (line.startsWith('$ ')) begin(line.slice('$ zkCli.sh '.length));
    else if (/^[OE]\|/.test(line)) {
      if (steps.length === 0) begin(undefined);
      steps.at(-1)?.expected[line.startsWith('O') ? 'stdout' : 'stderr'].push(line.slice(3));
    }
  }
  return sessions;
}

/**
 * Types the commands one by one, each when the answer to the one before is complete, and gives
 * back what was printed for each.
 */
export async function play(shell: ShellSession, steps: readonly Step[]): Promise<Output[]> {
  const outputs: Output[] = [];
  let taken: Output = { stdout: [], stderr: [] };
  for (const step of steps) {
    if (step.command !== undefined) shell.type(step.command);
    const output = await collect(shell, taken, step.expected);
    outputs.push(output);
    taken = {
      stdout: [...taken.stdout, ...output.stdout],
      stderr: [...taken.stderr, ...output.stderr],
    };
  }
  return outputs;
}

/** Waits for as many lines as are expected; if they do not come, for silence. */
async function collect(shell: ShellSession, taken: Output, expected: Output): Promise<Output> {
  const deadline = Date.now() + PATIENCE_MS;
  const wanted = { stdout: meaningful(expected.stdout), stderr: meaningful(expected.stderr) };
  for (;;) {
    const printed = since(shell.printed(), taken);
    const complete =
      meaningful(printed.stdout) >= wanted.stdout && meaningful(printed.stderr) >= wanted.stderr;
    if (complete) return printed;
    if (Date.now() > deadline) break;
    await pause(5);
  }
  await pause(QUIET_MS);
  return since(shell.printed(), taken);
}

const since = (printed: Output, taken: Output): Output => ({
  stdout: printed.stdout.slice(taken.stdout.length),
  stderr: printed.stderr.slice(taken.stderr.length),
});

const meaningful = (lines: readonly string[]): number =>
  lines.filter((line) => !isStackFrame(line)).length;

const isStackFrame = (line: string): boolean => /^\t(at |\.\.\. )/.test(line);

const pause = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

/** Takes out what differs from run to run: times, zxids, session ids, ports, stack frames. */
export function normalize(output: Output, normal: Normal): Output {
  const line = (text: string): string => {
    let result = text
      .replace(/^([cm]time) = .*$/, '$1 = <time>')
      .replace(/^(ephemeralOwner) = 0x[1-9a-f][0-9a-f]*$/, '$1 = <session>')
      .replace(/^(ZooKeeper CLI version: [0-9.]+).*$/, '$1');
    if (!normal.exactZxids) result = result.replace(/^([cmp]Zxid) = .*$/, '$1 = <zxid>');
    for (const [port, name] of normal.ports) {
      result = result.replaceAll(`127.0.0.1:${port}`, `127.0.0.1:<${name}>`);
    }
    return result;
  };
  const all = (lines: readonly string[]): string[] =>
    unordered(lines.filter((text) => !isStackFrame(text)).map(line));
  return { stdout: all(output.stdout), stderr: all(output.stderr) };
}

/** Sorts what comes in any order: a session's ephemerals and identities, watches being removed. */
function unordered(lines: readonly string[]): string[] {
  const sorted = lines.map((line) =>
    line.startsWith('[/') ? `[${line.slice(1, -1).split(', ').sort().join(', ')}]` : line,
  );
  sortWhere(sorted, (line) => /type:\w+WatchRemoved/.test(line));
  if (sorted.includes('Auth scheme: User')) sortWhere(sorted, (line) => /^\w+: /.test(line));
  return sorted;
}

/** Sorts the lines that are chosen among themselves; the others stay where they are. */
function sortWhere(lines: string[], isChosen: (line: string) => boolean): void {
  const chosen = lines.filter(isChosen).sort();
  lines.forEach((line, index) => {
    if (isChosen(line)) lines[index] = chosen.shift() ?? line;
  });
}
