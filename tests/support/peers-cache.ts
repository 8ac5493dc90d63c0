/**
 * Where foreign programs live while the tests use them: one folder per thing, made once and kept
 * between runs under `.cache/interop`, never inside the sources.
 *
 * Knows how to run an installer exactly once, even when several test workers ask at the same
 * moment. Knows nothing about any particular peer. A failed installation throws: a missing peer
 * is a failed test, never a skipped one.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repositoryRoot = resolve(fileURLToPath(new URL('../..', import.meta.url)));
const cacheRoot = join(repositoryRoot, '.cache', 'interop');

const INSTALL_TIMEOUT_MS = 8 * 60_000;

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly timeoutMs?: number;
  /** Exit codes that do not throw; default 0 alone. `'any'` accepts all. */
  readonly accept?: readonly number[] | 'any';
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end and gives back what it printed; throws when it fails or hangs. */
export function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const { accept = [0], timeoutMs = INSTALL_TIMEOUT_MS } = options;
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
    child.on('error', (cause) => {
      clearTimeout(timer);
      fail(new Error(`cannot run ${command}: ${cause.message}`, { cause }));
    });
    child.on('close', (exitCode, signal) => {
      clearTimeout(timer);
      const code = exitCode ?? -1;
      if (!late && (accept === 'any' || accept.includes(code))) {
        done({ code, stdout, stderr });
        return;
      }
      const why = late ? `did not end within ${timeoutMs} ms` : `ended with ${signal ?? code}`;
      const tail = `${stdout}\n${stderr}`.split('\n').slice(-40).join('\n');
      fail(new Error(`${command} ${args.join(' ')} ${why}:\n${tail}`));
    });
  });
}

/**
 * The folder `.cache/interop/<name>`, filled by `install` if nobody has filled it yet.
 *
 * Put every pinned version into `name` or `stamp`: a folder whose stamp differs is made anew.
 */
export async function cached(
  name: string,
  stamp: string,
  install: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(cacheRoot, name);
  const stampFile = join(folder, '.installed');
  await mkdir(cacheRoot, { recursive: true });
  await writeFile(join(cacheRoot, '.gitignore'), '*\n');
  if (await isStamped(stampFile, stamp)) return folder;
  const release = await lock(join(cacheRoot, `${name}.lock`));
  try {
    if (await isStamped(stampFile, stamp)) return folder;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await install(folder);
    await writeFile(stampFile, stamp);
    return folder;
  } finally {
    await release();
  }
}

async function isStamped(stampFile: string, stamp: string): Promise<boolean> {
  if (!existsSync(stampFile)) return false;
  return (await readFile(stampFile, 'utf8')) === stamp;
}

/** A folder is the lock, since making one is atomic; a lock whose owner is dead is taken over. */
async function lock(path: string): Promise<() => Promise<void>> {
  const deadline = Date.now() + INSTALL_TIMEOUT_MS;
  for (;;) {
    try {
      await mkdir(path);
      await writeFile(join(path, 'pid'), String(process.pid));
      return () => rm(path, { recursive: true, force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (await isOwnerDead(path)) await rm(path, { recursive: true, force: true });
    else if (Date.now() > deadline) throw new Error(`somebody else has held ${path} for too long`);
    else await new Promise((wake) => setTimeout(wake, 200));
  }
}

async function isOwnerDead(path: string): Promise<boolean> {
  const pid = Number(await readFile(join(path, 'pid'), 'utf8').catch(() => '0'));
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}
