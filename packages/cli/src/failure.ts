// What the process says about an error that ends it, and the exit code, which is ZooKeeper's where
// ZooKeeper has one: 1 unexpected, 2 configuration, 3 data directory, 10 storage.

export interface Failure {
  readonly message: string;
  readonly exitCode: number;
}

export const storageExitCode = 10;
const unexpectedExitCode = 1;

/** An error that knows its exit code says so itself; ZooKeeper's last words follow its message. */
export function describeFailure(error: unknown, fallback: number = unexpectedExitCode): Failure {
  if (!(error instanceof Error)) {
    return { message: `${lastWords(fallback)}\n  ${String(error)}`, exitCode: fallback };
  }
  const known = advice(error);
  if (known !== undefined) return { message: known, exitCode: unexpectedExitCode };
  const exitCode = exitCodeOf(error) ?? fallback;
  const text = exitCode === unexpectedExitCode ? (error.stack ?? error.message) : error.message;
  return { message: `${text}\n${lastWords(exitCode)}`, exitCode };
}

function exitCodeOf(error: Error): number | undefined {
  return 'exitCode' in error && typeof error.exitCode === 'number' ? error.exitCode : undefined;
}

/** Errors of the system that everybody meets one day. */
function advice(error: Error): string | undefined {
  const { code, port, address } = error as NodeJS.ErrnoException & {
    readonly port?: number;
    readonly address?: string;
  };
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is in use already, perhaps by another server.\n  Stop that one, or choose another port: --port 0 takes a free one.`;
    case 'EACCES':
      if (port === undefined) return undefined;
      return `Port ${port} may not be opened by this user.\n  Choose a port above 1023.`;
    case 'EADDRNOTAVAIL':
      return `The address ${address} does not belong to this machine.\n  Correct clientPortAddress.`;
    default:
      return undefined;
  }
}

function lastWords(exitCode: number): string {
  switch (exitCode) {
    case 2:
      return 'Invalid config, exiting abnormally';
    case 3:
      return 'Unable to access datadir, exiting abnormally';
    case storageExitCode:
      return 'The storage cannot be trusted, exiting abnormally';
    default:
      return 'Unexpected exception, exiting abnormally';
  }
}
