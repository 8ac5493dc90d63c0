/**
 * Keeps two servers off one directory. Node has no file locks, so the lock is a file that names the
 * process which holds it. A file left behind by a process that is gone is taken over: by renaming
 * it, which only one of several newcomers can do, and looking at what was renamed.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Files } from './files.ts';
import { identityOf, isRunning, type ProcessIdentity } from './process-identity.ts';
import { StorageError } from './storage-error.ts';
import { systemErrorName } from './system-error.ts';

const LOCK_NAME = 'zabra.lock';
const ATTEMPTS_MAX = 10;
/** File systems without second names say so in one of these ways. */
const NO_LINKS: readonly (string | null)[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

export interface DirectoryLock {
  release(): Promise<void>;
}

/** Locks it for a process, as a rule this one; refuses while another server holds it. */
export async function lockDirectory(
  files: Files,
  directory: string,
  pid: number = process.pid,
): Promise<DirectoryLock> {
  const path = join(directory, LOCK_NAME);
  const own = await identityOf(files, pid);
  // Several servers may live in one process.
  const server = randomUUID();
  const text = describe(own, server);
  const spare = `${path}.${server}`;
  try {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      if (await take(files, path, spare, text))
        return { release: () => release(files, path, text) };
      await removeStale(files, directory, path, spare, own);
    }
  } catch (error) {
    if (error instanceof StorageError) throw error;
    throw StorageError.ofSystem(`The data directory ${directory} cannot be locked`, error);
  }
  throw refusal(directory, 'by servers that are starting at this moment', path);
}

/** Makes the lock file with its text in it; false when there is one already. */
async function take(files: Files, path: string, spare: string, text: string): Promise<boolean> {
  try {
    await createWhole(files, path, spare, text);
    return true;
  } catch (error) {
    if (systemErrorName(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Nobody may see the file before its text is in it. */
async function createWhole(files: Files, path: string, spare: string, text: string): Promise<void> {
  await files.remove(spare);
  await files.createText(spare, text);
  try {
    await files.link(spare, path);
  } catch (error) {
    if (!NO_LINKS.includes(systemErrorName(error))) throw error;
    await files.createText(path, text);
  } finally {
    await files.remove(spare);
  }
}

async function removeStale(
  files: Files,
  directory: string,
  path: string,
  spare: string,
  own: ProcessIdentity,
): Promise<void> {
  const found = await files.readText(path);
  if (found === null) return;
  const holder = parse(found);
  if (holder !== null && (await isRunning(files, holder, own))) {
    throw refusal(directory, holderText(holder, own), path);
  }
  await files.rename(path, spare).catch(ignoreMissing);
  // Someone else may have taken the stale lock over first: then what moved is theirs.
  if ((await files.readText(spare)) !== found) await files.link(spare, path).catch(() => {});
  await files.remove(spare);
}

async function release(files: Files, path: string, text: string): Promise<void> {
  if ((await files.readText(path)) === text) await files.remove(path);
}

function holderText(holder: ProcessIdentity, own: ProcessIdentity): string {
  if (holder.pid === own.pid) return `by another server in this process (${own.pid})`;
  return `by process ${holder.pid}, which is running`;
}

function refusal(directory: string, holder: string, path: string): StorageError {
  return StorageError.ofDirectory({
    problem: `The data directory ${directory} is in use ${holder}.`,
    advice: `Stop that server or give this one a directory of its own. If there is no such server, remove ${path}.`,
  });
}

function describe({ pid, started, boot }: ProcessIdentity, server: string): string {
  return `pid=${pid}\nstarted=${started}\nboot=${boot}\nserver=${server}\n`;
}

/** Null for a text that no server wrote to its end: power was cut. */
function parse(text: string): ProcessIdentity | null {
  const fields = new Map(text.split('\n').map((line) => line.split('=', 2) as [string, string]));
  const pid = Number(fields.get('pid'));
  if (!Number.isInteger(pid) || pid <= 0 || !fields.has('server')) return null;
  return { pid, started: fields.get('started') ?? '', boot: fields.get('boot') ?? '' };
}

function ignoreMissing(error: unknown): void {
  if (systemErrorName(error) !== 'ENOENT') throw error;
}
