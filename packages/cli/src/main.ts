// The command `zabra`. It only finds out which command was meant: what a command does stands in
// commands/.

import { Command, CommanderError } from 'commander';
import { devCommand } from './commands/dev.ts';
import { serveCommand } from './commands/serve.ts';
import { statusCommand } from './commands/status.ts';
import { describeFailure } from './failure.ts';
import { version } from './version.ts';
import { WrongUse } from './wrong-use.ts';

const invocationExitCode = 2;

async function main(args: readonly string[]): Promise<void> {
  const program: Command = new Command('zabra')
    .description('A ZooKeeper-compatible coordination service.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .action(() => program.outputHelp())
    .addCommand(serveCommand().exitOverride())
    .addCommand(devCommand().exitOverride())
    .addCommand(statusCommand().exitOverride());
  await program.parseAsync(args, { from: 'user' });
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has said what there is to say.
    process.exitCode = error.exitCode === 0 ? 0 : invocationExitCode;
  } else if (error instanceof WrongUse) {
    process.stderr.write(`error: ${error.message}\n`);
    process.exitCode = invocationExitCode;
  } else {
    const { message, exitCode } = describeFailure(error);
    process.stderr.write(`${message}\n`);
    process.exit(exitCode);
  }
}
