/**
 * What the system's errors are called and how they are told. Their numbers are looked up here,
 * since some that a disk gives have no name in Node.
 */
import { constants } from 'node:os';

const phrases: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'disk quota exceeded',
  EFBIG: 'file too large',
  EIO: 'input/output error',
  EISDIR: 'it is a directory',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files in the system',
  ENOENT: 'no such file or directory',
  ENOSPC: 'no space left on device',
  ENOTDIR: 'a part of the path is not a directory',
  EPERM: 'operation not permitted',
  EROFS: 'read-only file system',
};

const remedies: Readonly<Record<string, string>> = {
  EACCES: 'Give the user that runs the server the right to write there',
  EDQUOT: 'Raise the quota or make room',
  EIO: 'Check the disk and the messages of the kernel',
  ENOSPC: 'Make room on the disk',
  EROFS: 'Check why the file system may not be written to',
};

const namesByNumber: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno).map(([name, number]) => [number, name]),
);

/** `ENOSPC` and the like; null for what is no error of the system. */
export function systemErrorName(error: unknown): string | null {
  if (!(error instanceof Error) || !('errno' in error)) return null;
  const { errno } = error;
  if (typeof errno !== 'number' || isOfZlib(error)) return null;
  return namesByNumber.get(Math.abs(errno)) ?? `errno ${Math.abs(errno)}`;
}

/** Its errors have numbers, too, which mean other things. */
function isOfZlib(error: Error): boolean {
  return 'code' in error && String(error.code).startsWith('Z_');
}

/** What went wrong, as a part of a sentence. */
export function describeSystemError(error: unknown): string {
  const name = systemErrorName(error);
  if (name !== null) return `${phrases[name] ?? 'the system refused'} (${name})`;
  return error instanceof Error ? error.message : String(error);
}

/** What an operator can do about it, as the beginning of a sentence. */
export function remedyFor(error: unknown): string {
  return remedies[systemErrorName(error) ?? ''] ?? 'Remove the cause';
}
