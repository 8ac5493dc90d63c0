// `zabra status`: what servers say of themselves, side by side. It asks Apache's servers as well.

import { Command, Option } from 'commander';
import { type Address, readAddresses } from '../status/addresses.ts';
import { askServer } from '../status/ask-server.ts';
import { type Asked, judge } from '../status/ensemble-status.ts';
import { renderJson, renderText } from '../status/render-status.ts';
import { readStatus } from '../status/server-status.ts';
import { WrongUse } from '../wrong-use.ts';

interface StatusOptions {
  readonly output: 'table' | 'json';
  readonly timeout: string;
}

const DEFAULT_TIMEOUT_MS = 3000;
const PROBLEM_EXIT_CODE = 1;

export function statusCommand(): Command {
  return new Command('status')
    .description('tell role, epoch, zxid and lag of servers; ends with 1 when something is wrong')
    .argument('[servers...]', 'host:port, several of them, or a connect string', ['localhost:2181'])
    .addOption(
      new Option('-o, --output <format>', 'how to say it')
        .choices(['table', 'json'])
        .default('table'),
    )
    .option('--timeout <ms>', 'how long a server may take to answer', `${DEFAULT_TIMEOUT_MS}`)
    .action((servers: readonly string[], options: StatusOptions) => status(servers, options));
}

async function status(servers: readonly string[], options: StatusOptions): Promise<void> {
  const timeoutMs = Number(options.timeout);
  if (!(timeoutMs > 0)) {
    throw new WrongUse(`--timeout ${options.timeout} is no time.`, 'Give milliseconds: 3000.');
  }
  const addresses = readAddresses(servers);
  const found = judge(await Promise.all(addresses.map((address) => ask(address, timeoutMs))));
  process.stdout.write(options.output === 'json' ? renderJson(found) : renderText(found));
  process.exitCode = found.problems.length === 0 ? 0 : PROBLEM_EXIT_CODE;
}

async function ask(address: Address, timeoutMs: number): Promise<Asked> {
  try {
    const answer = await askServer(address, 'srvr', timeoutMs);
    const monitor = await askServer(address, 'mntr', timeoutMs).catch(() => '');
    return { address, status: readStatus(answer, monitor) };
  } catch (error) {
    return { address, status: error instanceof Error ? error.message : String(error) };
  }
}
