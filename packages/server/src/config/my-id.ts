// The file `myid` in the data directory: which of the listed servers this one is.

import { join } from 'node:path';
import { asServerId, type ServerId } from '@zabra/wire';
import { ConfigError } from './config-error.ts';
import type { ReadText } from './read-text.ts';

const ID_MAX = 255n;
/** The highest byte of session ids, which the id becomes, marks nodes with a time to live at 255. */
const ID_MAX_WITH_TTL = 254n;

export interface MyIdPlace {
  readonly dataDir: string;
  readonly extendedTypesEnabled: boolean;
  readonly read: ReadText;
}

export function readMyId({ dataDir, extendedTypesEnabled, read }: MyIdPlace): ServerId {
  const file = join(dataDir, 'myid');
  const text = read(file);
  if (text === null) throw complain(`${file} file is missing`);
  const [line = ''] = text.trimStart().split(/\r?\n/);
  const word = line.trim();
  if (!/^[+-]?\d{1,19}$/.test(word)) {
    throw complain(`serverid ${word === '' ? 'null' : word} is not a number`, file);
  }
  const id = BigInt(word.replace('+', ''));
  const max = extendedTypesEnabled ? ID_MAX_WITH_TTL : ID_MAX;
  if (id >= 0n && id <= max) return asServerId(id);
  throw new ConfigError({
    problem: `serverid ${id} is out of range.`,
    advice: `Write a number from 1 to ${max}: session ids begin with it.`,
    file,
  });
}

function complain(problem: string, file?: string): ConfigError {
  return new ConfigError({
    problem,
    advice: 'Write the number N of this server, as in its line server.N, and nothing else.',
    ...(file === undefined ? {} : { file }),
  });
}
