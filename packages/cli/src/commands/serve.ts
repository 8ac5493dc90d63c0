// `zabra serve`: one server, in this very process, until it is told to stop.

import { readFileSync } from 'node:fs';
import {
  type Assignment,
  ConfigError,
  createLog,
  readDefinition,
  resolveSettings,
  type SettingsSources,
  startServer,
} from '@zabra/server';
import { Command } from 'commander';
import { keepHeapSmall } from '../collector.ts';
import { describeFailure, storageExitCode } from '../failure.ts';
import { reportSettings } from '../settings-report.ts';
import { toldToStop } from '../told-to-stop.ts';
import { version } from '../version.ts';

interface ServeOptions {
  readonly define: readonly string[];
  readonly port?: string;
  readonly dataDir?: string;
}

export function serveCommand(): Command {
  return new Command('serve')
    .description('run a server until it is stopped by SIGINT or SIGTERM')
    .usage('[options] [zoo.cfg | port datadir [ticktime] [maxcnxns]]')
    .argument('[words...]', 'a configuration file, or what stands in for one')
    .option('-D, --define <key=value>', 'set a key of zoo.cfg: -Dkey=value', collect, [])
    .option('--port <number>', 'port for clients; 0 takes a free one')
    .option('--data-dir <directory>', 'where snapshots and logs are kept')
    .action((words: readonly string[], options: ServeOptions) => serve(words, options));
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

async function serve(words: readonly string[], options: ServeOptions): Promise<void> {
  keepHeapSmall();
  const resolved = resolveSettings(sourcesOf(words, options));
  for (const warning of resolved.warnings) process.stderr.write(`Warning: ${warning}\n`);

  // A signal may come while the server is still reading its data: it is closed as soon as it is up.
  const told = toldToStop();
  const { settings } = resolved;
  // Who leads when, and why not, is what the operator of an ensemble asks first.
  const log = createLog(settings.ensemble === undefined ? 'warn' : 'info');
  const server = await startServer({ settings, log });
  const report = [
    `zabra ${version} listening on ${server.host}:${server.port}`,
    ...reportSettings(resolved),
  ];
  process.stdout.write(`${report.join('\n')}\n`);

  await Promise.race([told.then(() => server.close()), server.closed]).catch(endOnStorageFailure);
  process.exit(0);
}

function sourcesOf(words: readonly string[], options: ServeOptions): SettingsSources {
  const [path] = words;
  const args = [...options.define.map((definition) => readDefinition(`-D${definition}`))];
  if (options.port !== undefined) args.push(option('clientPort', '--port', options.port));
  if (options.dataDir !== undefined) args.push(option('dataDir', '--data-dir', options.dataDir));
  return {
    ...(words.length > 1 ? { positions: words } : {}),
    ...(words.length === 1 && path !== undefined ? { file: { path, text: readText(path) } } : {}),
    args,
    env: process.env,
  };
}

function option(key: string, flag: string, value: string): Assignment {
  return { key, value, origin: { source: 'argument', name: `${flag} ${value}` } };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new ConfigError({
      problem: missing ? `${path} file is missing` : `Error processing ${path}`,
      advice: missing
        ? 'Give the path of an existing zoo.cfg, or none to serve with the defaults.'
        : (error as Error).message,
    });
  }
}

/** A server that has been serving ends of itself, as a rule, because its storage failed it. */
function endOnStorageFailure(error: unknown): never {
  const { message, exitCode } = describeFailure(error, storageExitCode);
  process.stderr.write(`${message}\n`);
  process.exit(exitCode);
}
