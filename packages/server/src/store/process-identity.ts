/**
 * Tells whether a process that was written down once is still the one that runs under its number.
 * Numbers are given out again; the moment a process started, counted from the boot, tells it from
 * its successors, and the identity of the boot tells boots apart. Where the system does not say when
 * a process started, its number alone must do.
 */
import type { Files } from './files.ts';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from the boot to the start; empty where the system does not tell. */
  readonly started: string;
  readonly boot: string;
}

interface ProcessStatus {
  readonly state: string;
  readonly started: string;
}

const BOOT_ID = '/proc/sys/kernel/random/boot_id';
/** Fields behind the name of the program: the state is the first, the start the twentieth. */
const STARTED_FIELD = 19;

export async function identityOf(files: Files, pid: number): Promise<ProcessIdentity> {
  const status = await statusOf(files, pid);
  const boot = (await files.readText(BOOT_ID)) ?? '';
  return { pid, started: status?.started ?? '', boot: boot.trim() };
}

export async function isRunning(
  files: Files,
  holder: ProcessIdentity,
  own: ProcessIdentity,
): Promise<boolean> {
  if (own.started === '') return answersSignals(holder.pid);
  if (holder.boot !== own.boot) return false;
  const status = await statusOf(files, holder.pid);
  if (status === null || status.started !== holder.started) return false;
  return !isDead(status) || (await hasThreads(files, holder.pid));
}

/** Its main thread has ended and waits to be noticed by its parent. */
function isDead({ state }: ProcessStatus): boolean {
  return state === 'Z' || state === 'X';
}

/** A killed process may still have a thread in the middle of a write. */
async function hasThreads(files: Files, pid: number): Promise<boolean> {
  return ((await files.list(`/proc/${pid}/task`)) ?? []).length > 1;
}

async function statusOf(files: Files, pid: number): Promise<ProcessStatus | null> {
  const text = await readUnlessGone(files, `/proc/${pid}/stat`);
  if (text === null) return null;
  // The program's name stands in parentheses and may hold anything.
  const fields = text
    .slice(text.lastIndexOf(')') + 1)
    .trim()
    .split(' ');
  return { state: fields[0] ?? '', started: fields[STARTED_FIELD] ?? '' };
}

/** A process may end while its status is read. */
async function readUnlessGone(files: Files, path: string): Promise<string | null> {
  try {
    return await files.readText(path);
  } catch {
    return null;
  }
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
