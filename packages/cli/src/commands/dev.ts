// `zabra dev`: servers to try things on, gone with all they held when the command ends.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startServer } from '@zabra/server';
import { Command } from 'commander';
import { DevEnsemble } from '../dev/dev-ensemble.ts';
import { tellAlone, tellEnded, tellLeader, tellTogether } from '../dev/told.ts';
import { toldToStop } from '../told-to-stop.ts';
import { WrongUse } from '../wrong-use.ts';

interface DevOptions {
  readonly ensemble: string;
  readonly observers: string;
  readonly port: string;
  readonly dataDir?: string;
}

const VOTERS_MAX = 9;
const OBSERVERS_MAX = 9;
const PORT_MAX = 65_535;

export function devCommand(): Command {
  return new Command('dev')
    .description('run a throw-away server, or an ensemble of them, until Ctrl-C')
    .option('--ensemble <count>', 'so many servers that vote, each a process of its own', '1')
    .option('--observers <count>', 'and so many that do not', '0')
    .option('--port <number>', 'port for clients, of the first server; 0 takes free ones', '0')
    .option('--data-dir <directory>', 'keep what they hold here, instead of throwing it away')
    .action((options: DevOptions) => dev(options));
}

async function dev(options: DevOptions): Promise<void> {
  const voters = count('--ensemble', options.ensemble, 1, VOTERS_MAX);
  const observers = count('--observers', options.observers, 0, OBSERVERS_MAX);
  const port = count('--port', options.port, 0, PORT_MAX - voters - observers);
  if (voters + observers === 1) await devAlone(port, options.dataDir);
  else await devTogether(voters, observers, port, options.dataDir);
  process.exit(0);
}

function count(flag: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new WrongUse(`${flag} ${text} cannot be.`, `Give a whole number from ${min} to ${max}.`);
}

async function devAlone(port: number, dataDir: string | undefined): Promise<void> {
  const told = toldToStop();
  const server = await startServer({
    port,
    settings: { clientPortAddress: '127.0.0.1' },
    ...(dataDir === undefined ? { inMemory: true } : { dataDir: resolve(dataDir) }),
  });
  tellAlone(server.connectString, dataDir);
  await Promise.race([told.then(() => server.close()), server.closed]);
}

async function devTogether(
  voters: number,
  observers: number,
  port: number,
  dataDir: string | undefined,
): Promise<void> {
  const told = toldToStop();
  const directory =
    dataDir === undefined ? mkdtempSync(join(tmpdir(), 'zabra-dev-')) : resolve(dataDir);
  let isOver = false;
  let giveUp: (reason: Error) => void = () => {};
  const givenUp = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  const ensemble = await DevEnsemble.start(
    { voters, observers, port, directory },
    {
      onEnded: tellEnded,
      onGivenUp: ({ id }, lastWords) =>
        giveUp(new Error([`Server ${id} does not come up. It said:`, lastWords].join('\n'))),
    },
  );
  process.on('exit', () => {
    ensemble.kill();
    if (dataDir === undefined) rmSync(directory, { recursive: true, force: true });
  });
  tellTogether(ensemble, directory, dataDir !== undefined);
  const watching = ensemble.watchLeader(() => isOver, tellLeader);
  try {
    await Promise.race([told, givenUp, watching]);
  } finally {
    isOver = true;
    await ensemble.end();
  }
}
