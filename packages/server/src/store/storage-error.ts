/** Why a server cannot start from its data directory, and what its operator can do about it. */
import { describeSystemError, remedyFor } from './system-error.ts';

/** Exit codes of a process that ends for such a reason; the first is ZooKeeper's. */
const DIRECTORY_EXIT_CODE = 3;
const CONTENT_EXIT_CODE = 10;

export interface StorageComplaint {
  /** Which file or directory it is and what is wrong with it. */
  readonly problem: string;
  readonly advice: string;
}

export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly exitCode: number;

  private constructor({ problem, advice }: StorageComplaint, exitCode: number) {
    super(`${problem}\n  ${advice}`);
    this.exitCode = exitCode;
  }

  /** The directory cannot be used, whatever is in it. */
  static ofDirectory(complaint: StorageComplaint): StorageError {
    return new StorageError(complaint, DIRECTORY_EXIT_CODE);
  }

  /** What is in the directory cannot be trusted. */
  static ofContent(complaint: StorageComplaint): StorageError {
    return new StorageError(complaint, CONTENT_EXIT_CODE);
  }

  /** The system refused to do something with a file or directory. */
  static ofSystem(what: string, error: unknown): StorageError {
    return StorageError.ofDirectory({
      problem: `${what}: ${describeSystemError(error)}.`,
      advice: `${remedyFor(error)}, then start the server again.`,
    });
  }
}
