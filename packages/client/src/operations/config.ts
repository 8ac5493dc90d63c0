/** Who belongs to the ensemble, and changes of that. */
import {
  asServerId,
  decodeUtf8,
  type Ensemble,
  Opcode,
  operations,
  parseEnsemble,
} from '@zabra/wire';
import type { Abortable } from '../connection/abortable.ts';
import type { Bytes } from '../connection/bytes.ts';
import type { CallKind } from '../connection/call.ts';
import { argumentError, createError } from '../errors/create-error.ts';
import { get } from './get.ts';
import type { ReadOptions } from './read.ts';
import { readStat, type Stat } from './stat.ts';
import { encode, type View, wholeTree } from './view.ts';

export const CONFIG_PATH = '/zookeeper/config';

export interface EnsembleConfig extends Ensemble {
  /** As the servers keep it. */
  readonly text: string;
  readonly stat: Stat;
}

/** Either servers that come and go, or a whole new list; each in the form `server.N=…`. */
export interface ReconfigChange {
  readonly joining?: readonly string[];
  /** Numbers of servers. */
  readonly leaving?: readonly (number | bigint)[];
  readonly members?: readonly string[];
  /** The version of the configuration that the change is meant for; any unless it is given. */
  readonly fromVersion?: bigint;
}

const NOBODY: Ensemble = { members: [], groups: [], weights: [], version: 0n };

const ANY = -1n;

const kind: CallKind<{ readonly data: Bytes; readonly stat: Stat }> = {
  op: 'reconfig',
  opcode: Opcode.Reconfig,
  isIdempotent: false,
  read: (answer) => ({ data: answer.data(), stat: readStat(answer.reader) }),
};

/** It lies at the same path for everybody, whatever they take for the top of the tree. */
export async function config(view: View, options?: ReadOptions): Promise<EnsembleConfig> {
  const { data, stat } = await get(wholeTree(view), CONFIG_PATH, options);
  return configOf(data, stat);
}

export async function reconfig(
  view: View,
  { joining, leaving, members, fromVersion = ANY }: ReconfigChange,
  options?: Abortable,
): Promise<EnsembleConfig> {
  const changes = joining !== undefined || leaving !== undefined;
  if (changes === (members !== undefined)) {
    const problem = 'either joining and leaving servers are given, or the members';
    throw argumentError('reconfig', '', problem);
  }
  const body = encode(view, operations[Opcode.Reconfig], {
    joiningServers: joining?.join(',') ?? null,
    leavingServers: leaving?.map((id) => asServerId(BigInt(id))).join(',') ?? null,
    newMembers: members?.join(',') ?? null,
    curConfigId: fromVersion,
  });
  const { data, stat } = await view.connection.calls.ask(view, kind, CONFIG_PATH, body, options);
  return configOf(data, stat);
}

function configOf(data: Uint8Array, stat: Stat): EnsembleConfig {
  const text = decodeUtf8(data);
  // A server that serves alone belongs to none.
  if (!/^server\./m.test(text)) return { ...NOBODY, text, stat };
  const outcome = parseEnsemble(text);
  if (outcome.kind === 'ensemble') return { ...outcome.ensemble, text, stat };
  throw createError('BadReply', {
    op: 'config',
    path: CONFIG_PATH,
    cause: new Error(outcome.problem),
  });
}
