/** The reads of scripts: from words to requests, and from answers to lines. */
import {
  type Acl,
  assert,
  asZxid,
  ErrorCode,
  errorName,
  JuteReader,
  type MultiReadOp,
  type MultiReadResponse,
  Opcode,
  type Operations,
  operationOf,
  type Stat,
} from '@zabra/wire';
import { type Command, parseWords, type Words } from './script-file.ts';
import { formatAcl, formatData, formatStat, quote, quoteList } from './script-format.ts';
import type { Outcome, RequestOf, World } from './world.ts';

/** A request and its opcode. */
export type ScriptRead = {
  [Code in keyof Operations]: { readonly type: Code; readonly body: RequestOf<Code> };
}[keyof Operations];

const pathOnly: ReadonlyMap<
  string,
  typeof Opcode.GetAcl | typeof Opcode.GetAllChildrenNumber | typeof Opcode.Sync
> = new Map([
  ['getACL', Opcode.GetAcl],
  ['getAllChildrenNumber', Opcode.GetAllChildrenNumber],
  ['sync', Opcode.Sync],
]);

const watching: ReadonlyMap<
  string,
  | typeof Opcode.Exists
  | typeof Opcode.GetData
  | typeof Opcode.GetChildren
  | typeof Opcode.GetChildren2
> = new Map([
  ['exists', Opcode.Exists],
  ['getData', Opcode.GetData],
  ['getChildren', Opcode.GetChildren],
  ['getChildren2', Opcode.GetChildren2],
]);

const modes = new Map([
  ['persistent', 0],
  ['recursive', 1],
]);

const watcherTypes = new Map([
  ['children', 1],
  ['data', 2],
  ['any', 3],
  ['persistent', 4],
  ['recursive', 5],
]);

/** Reads that are about a kind of watch as much as about a path. */
const opcodesWithKind: ReadonlySet<number> = new Set<number>([
  Opcode.AddWatch,
  Opcode.CheckWatches,
  Opcode.RemoveWatches,
]);

/** The read a command stands for; null where it is no read. */
export function parseRead(command: Command): ScriptRead | null {
  const words = parseWords(command.text);
  const [verb = '', path = ''] = words.list;
  const plain = pathOnly.get(verb);
  if (plain !== undefined) return { type: plain, body: { path } };
  const watched = watching.get(verb);
  if (watched !== undefined) {
    return { type: watched, body: { path, watch: words.list.includes('watch') } };
  }
  if (verb.startsWith('setWatches')) return parseSetWatches(verb, words);
  const kind = words.list[2] ?? '';
  switch (verb) {
    case 'addWatch': {
      const mode = Number(words.options.get('mode') ?? modes.get(kind));
      return { type: Opcode.AddWatch, body: { path, mode } };
    }
    case 'checkWatches':
    case 'removeWatches': {
      const type = Number(words.options.get('type') ?? watcherTypes.get(kind));
      const opcode = verb === 'checkWatches' ? Opcode.CheckWatches : Opcode.RemoveWatches;
      return { type: opcode, body: { path, type } };
    }
    case 'getEphemerals':
      return { type: Opcode.GetEphemerals, body: { prefixPath: words.list[1] ?? null } };
    case 'whoAmI':
      return { type: Opcode.WhoAmI, body: {} };
    case 'ping':
      return { type: Opcode.Ping, body: {} };
    case 'multiRead':
      return { type: Opcode.MultiRead, body: { ops: command.parts.map(parseOp) } };
    default:
      return null;
  }
}

function parseOp(command: Command): MultiReadOp {
  const read = parseRead(command);
  assert(
    read?.type === Opcode.GetData || read?.type === Opcode.GetChildren,
    `${command.text} can stand in a multiRead`,
  );
  return read;
}

function parseSetWatches(verb: string, { options }: Words): ScriptRead {
  const paths = (key: string): string[] => options.get(key)?.split(',') ?? [];
  const body = {
    relativeZxid: asZxid(BigInt(options.get('zxid') ?? '0')),
    dataWatches: paths('data'),
    existWatches: paths('exist'),
    childWatches: paths('child'),
  };
  if (verb === 'setWatches') return { type: Opcode.SetWatches, body };
  const persistentWatches = paths('persistent');
  const persistentRecursiveWatches = paths('recursive');
  return {
    type: Opcode.SetWatches2,
    body: { ...body, persistentWatches, persistentRecursiveWatches },
  };
}

/** What came of a read, one line for it and one for each part of a multiRead. */
export function formatRead(world: World, command: Command, outcome: Outcome): string[] {
  const { list } = parseWords(command.text);
  const shown = opcodesWithKind.has(outcome.opcode) ? list : list.slice(0, 2);
  const title = shown.map(quote).join(' ');
  if (outcome.error !== ErrorCode.Ok) return [`${title} -> ${errorName(outcome.error)}`];
  const answer = operationOf(outcome.opcode)?.decodeResponse?.(JuteReader.over(outcome.body));
  if (outcome.opcode !== Opcode.MultiRead) {
    return [`${title} -> ${formatAnswer(world, outcome.opcode, (answer ?? {}) as Answer)}`];
  }
  const parts = (answer as MultiReadResponse).results.map((result, i) => {
    const text =
      result.type === Opcode.Error
        ? errorName(result.body.err)
        : formatAnswer(world, result.type, result.body);
    return `  ${command.parts[i]!.text} -> ${text}`;
  });
  return [`${title} ->`, ...parts];
}

interface Answer {
  readonly stat?: Stat;
  readonly data?: Uint8Array | null;
  readonly children?: readonly string[];
  readonly ephemerals?: readonly string[];
  readonly acl?: readonly Acl[];
  readonly totalNumber?: number;
  readonly path?: string;
  readonly clientInfo?: readonly { readonly authScheme: string; readonly user: string }[];
}

function formatAnswer(world: World, opcode: number, answer: Answer): string {
  const { stat } = answer;
  switch (opcode) {
    case Opcode.Exists:
      return formatStat(world, stat!);
    case Opcode.GetData:
      return formatData(answer.data ?? null);
    case Opcode.GetAcl:
      return `${formatAcl(answer.acl ?? null)}, aversion=${stat!.aversion}`;
    case Opcode.GetChildren:
      return quoteList(answer.children!);
    case Opcode.GetChildren2:
      return `${quoteList(answer.children!)}, cversion=${stat!.cversion} pzxid=${stat!.pzxid}`;
    case Opcode.GetEphemerals:
      return quoteList(answer.ephemerals!);
    case Opcode.GetAllChildrenNumber:
      return `${answer.totalNumber}`;
    case Opcode.Sync:
      return quote(answer.path!);
    case Opcode.WhoAmI:
      return `[${answer.clientInfo!.map((info) => `${info.authScheme}:${info.user}`).join(', ')}]`;
    default:
      return 'ok';
  }
}
