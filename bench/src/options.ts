/** The command line of the bench. */
import { parseArgs } from 'node:util';
import { ensembleIds } from './ensemble/ensemble-workloads.ts';
import { workloadIds } from './workloads.ts';

type OutputFormat = 'table' | 'json' | 'markdown';
type ServerName = 'zabra' | 'peer' | 'bare';

export interface Options {
  /** One server, or three together. */
  readonly subject: 'server' | 'ensemble';
  readonly only: readonly string[];
  readonly servers: readonly ServerName[];
  /** `apache38`, `apache39`, `none`, or the directory of another checkout of Zabra. */
  readonly peer: string;
  readonly rounds: number;
  /** Length of one measured window. */
  readonly seconds: number;
  /** Before the first round of each workload, so that compilers have done their work. */
  readonly warmupSeconds: number;
  readonly startRounds: number;
  readonly outageRounds: number;
  readonly znodes: number;
  readonly output: OutputFormat;
  readonly generator: 'auto' | 'c' | 'node';
  readonly quick: boolean;
  readonly pin: boolean;
  readonly profile: boolean;
}

export const usage: string = `Usage: npm run bench -- [ensemble] [options]

  ensemble          three servers together instead of one
  --only LIST       workloads: ${workloadIds.join(', ')};
                    of an ensemble: ${ensembleIds.join(', ')}
  --servers LIST    of zabra, peer, bare (all)
  --peer WHICH      apache38 (default), apache39, none, or the directory of another checkout of Zabra
  --rounds N        rounds per workload and server, taken in turns (3)
  --seconds N       length of one measured window (2)
  --warmup N        seconds of load before the first round of each workload (5)
  --quick           one short round and a tenth of the znodes: to see that all works, not to quote
  --pin             server on core 0, generator on core 1 (default: not pinned)
  --generator G     auto (default: C when there is a compiler), c, node
  --profile         run Zabra under the CPU profiler and print where it spends its time
  -o FORMAT         table (default), json, markdown
`;

const subjects = ['server', 'ensemble'] as const;
const servers: readonly ServerName[] = ['zabra', 'peer', 'bare'];
const formats: readonly OutputFormat[] = ['table', 'json', 'markdown'];
const generators = ['auto', 'c', 'node'] as const;

/** `undefined` when help is asked for. */
export function readOptions(words: readonly string[]): Options | undefined {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      servers: { type: 'string' },
      peer: { type: 'string', default: 'apache38' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      warmup: { type: 'string' },
      output: { type: 'string', short: 'o', default: 'table' },
      generator: { type: 'string', default: 'auto' },
      quick: { type: 'boolean', default: false },
      pin: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const { quick, pin, profile, peer } = values;
  const subject = oneOf('what is measured', positionals[0] ?? 'server', subjects);
  const ids: readonly string[] = subject === 'server' ? workloadIds : ensembleIds;
  return {
    subject,
    only: list('--only', values.only, ids),
    servers: list('--servers', values.servers, servers),
    peer,
    rounds: positive('--rounds', values.rounds, quick ? 1 : 3),
    seconds: positive('--seconds', values.seconds, quick ? 1 : 2),
    warmupSeconds: positive('--warmup', values.warmup, quick ? 1 : 5),
    startRounds: quick ? 3 : 5,
    outageRounds: quick ? 1 : 5,
    znodes: quick ? 100_000 : 1_000_000,
    output: oneOf('-o', values.output, formats),
    generator: oneOf('--generator', values.generator, generators),
    quick,
    pin,
    profile,
  };
}

function list<T extends string>(
  name: string,
  text: string | undefined,
  known: readonly T[],
): readonly T[] {
  if (text === undefined) return known;
  const chosen = text.split(',').map((word) => oneOf(name, word.trim(), known));
  return known.filter((word) => chosen.includes(word));
}

function oneOf<T extends string>(name: string, word: string, known: readonly T[]): T {
  const found = known.find((candidate) => candidate === word);
  if (found === undefined) throw new Error(`${name} is one of ${known.join(', ')}, not ${word}`);
  return found;
}

function positive(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${name} is a number above 0, not ${text}`);
  return value;
}
