// What the process says about an error that ends it, and the exit code, which is ZooKeeper's where
// ZooKeeper has one: 1 unexpected, 2 configuration, 3 data directory, 10 storage, 14 election port.

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
  const exitCode = exitCodeOf(error) ?? fallback;
  return { message: `${explain(error)}\n${lastWords(exitCode)}`, exitCode };
}

/** An operator is told what happened; where in the code matters only when the code is at fault. */
function explain(error: Error): string {
  const isMistake = error.name !== 'Error' && !('exitCode' in error);
  return isMistake ? (error.stack ?? error.message) : error.message;
}

function exitCodeOf(error: Error): number | undefined {
  return 'exitCode' in error && typeof error.exitCode === 'number' ? error.exitCode : undefined;
}

function lastWords(exitCode: number): string {
  switch (exitCode) {
    case 2:
      return 'Invalid config, exiting abnormally';
    case 3:
      return 'Unable to access datadir, exiting abnormally';
    case storageExitCode:
      return 'The storage cannot be trusted, exiting abnormally';
    case 14:
      return 'Unable to bind the election port, exiting abnormally';
    default:
      return 'Unexpected exception, exiting abnormally';
  }
}
