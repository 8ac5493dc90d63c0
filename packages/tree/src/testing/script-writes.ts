/** The writes of scripts: from words to requests, and from answers to lines. */
import {
  type Acl,
  assert,
  ErrorCode,
  errorName,
  JuteReader,
  type MultiOp,
  type MultiResponse,
  type MultiResult,
  Opcode,
  operationOf,
  type Stat,
} from '@zabra/wire';
import type { ModelWrite } from './model.ts';
import { type Command, parseWords, type Words } from './script-file.ts';
import { formatStat, parseAcl, parseData, quote } from './script-format.ts';
import type { Outcome, World } from './world.ts';

const openAcl: readonly Acl[] = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];

const FLAG_WORDS: ReadonlyMap<string, number> = new Map([
  ['ephemeral', 1],
  ['sequential', 2],
  ['container', 4],
  ['ttl', 5],
]);

const createOpcodes: ReadonlyMap<string, (typeof CREATES)[number]> = new Map([
  ['create', Opcode.Create],
  ['create2', Opcode.Create2],
  ['createContainer', Opcode.CreateContainer],
]);
const CREATES = [Opcode.Create, Opcode.Create2, Opcode.CreateContainer] as const;

/** The write a command stands for; null where it is no write. */
export function parseWrite(command: Command): ModelWrite | null {
  const words = parseWords(command.text);
  const [verb = ''] = words.list;
  if (verb === 'multi') {
    return { type: Opcode.Multi, body: { ops: command.parts.map(parseOp) } };
  }
  if (verb === 'closeSession') return { type: Opcode.CloseSession, body: {} };
  const path = words.list[1] ?? '';
  if (verb === 'deleteContainer') return { type: Opcode.DeleteContainer, body: { path } };
  if (verb === 'setACL') {
    const acl = parseAcl(words.list[2] ?? '');
    return { type: Opcode.SetAcl, body: { path, acl, version: versionOf(words, 3) } };
  }
  return parseSingle(verb, path, words);
}

function parseOp(command: Command): MultiOp {
  const words = parseWords(command.text);
  const op = parseSingle(words.list[0] ?? '', words.list[1] ?? '', words);
  assert(op !== null, `${command.text} can stand in a multi`);
  return op;
}

function parseSingle(verb: string, path: string, words: Words): MultiOp | null {
  const type = createOpcodes.get(verb);
  if (type !== undefined) return { type, body: createBody(path, words, type) };
  switch (verb) {
    case 'createTTL': {
      const ttl = BigInt(words.options.get('ttl') ?? '60000');
      const body = createBody(path, words, Opcode.CreateTtl);
      return { type: Opcode.CreateTtl, body: { ...body, ttl } };
    }
    case 'delete':
      return { type: Opcode.Delete, body: { path, version: versionOf(words, 2) } };
    case 'check':
      return { type: Opcode.Check, body: { path, version: versionOf(words, 2) } };
    case 'setData': {
      const data = parseData(words.options.get('data') ?? words.list[2] ?? '');
      return { type: Opcode.SetData, body: { path, data, version: versionOf(words, 3) } };
    }
    default:
      return null;
  }
}

function versionOf({ list, options }: Words, at: number): number {
  return Number(options.get('version') ?? list[at] ?? -1);
}

function createBody(
  path: string,
  { list, options }: Words,
  type: number,
): { path: string; data: Uint8Array | null; acl: readonly Acl[] | null; flags: number } {
  const rest = list.slice(2);
  const said = rest.filter((word) => FLAG_WORDS.has(word));
  const sum = said.reduce((flags, word) => flags + FLAG_WORDS.get(word)!, 0);
  const implied = flagsOf(type, sum);
  const [text = ''] = rest.filter((word) => !FLAG_WORDS.has(word));
  return {
    path,
    data: parseData(options.get('data') ?? text),
    acl: options.has('acl') ? parseAcl(options.get('acl')!) : openAcl,
    flags: Number(options.get('flags') ?? implied),
  };
}

/** createTTL and createContainer imply their own flags; a sequential TTL node has 6. */
function flagsOf(type: number, sum: number): number {
  if (type === Opcode.CreateTtl) return sum === 2 ? 6 : 5;
  if (sum === 7) return 6;
  return type === Opcode.CreateContainer && sum === 0 ? 4 : sum;
}

/** What came of a write, one line for it and one for each part of a multi. */
export function formatOutcome(world: World, command: Command, outcome: Outcome): string[] {
  const { list } = parseWords(command.text);
  const title = list[1] === undefined ? list[0]! : `${list[0]} ${quote(list[1])}`;
  if (outcome.zxid === null) return [`${title} -> ${errorName(outcome.error)}, no zxid`];
  const end = `zxid ${outcome.zxid}`;
  if (outcome.error !== ErrorCode.Ok) return [`${title} -> ${errorName(outcome.error)}, ${end}`];
  const response = operationOf(outcome.opcode)?.decodeResponse?.(JuteReader.over(outcome.body));
  if (outcome.opcode !== Opcode.Multi) {
    const body = formatBody(world, outcome.opcode, response as Answer | undefined);
    return [`${title} -> ${body}${end}`];
  }
  const { results } = response as MultiResponse;
  const parts = results.map((result, i) => `  ${partLine(world, command.parts[i]!, result)}`);
  return [`${title} -> ${end}`, ...parts];
}

function partLine(world: World, command: Command, result: MultiResult): string {
  const { list } = parseWords(command.text);
  const title = `${list[0]} ${quote(list[1] ?? '')}`;
  if (result.type === Opcode.Error) return `${title} -> ${errorName(result.body.err)}`;
  const body = formatBody(world, result.type, result.body as Answer).replace(/[,;] $/, '');
  return `${title} -> ${operationOf(result.type)?.name}${body === '' ? '' : `: ${body}`}`;
}

interface Answer {
  readonly path?: string;
  readonly stat?: Stat;
}

/** A create shows all of its Stat, a change what changed. */
function formatBody(world: World, opcode: number, answer: Answer | undefined): string {
  const { path, stat } = answer ?? {};
  if (path !== undefined) {
    return stat === undefined ? `${quote(path)}, ` : `${quote(path)} ${formatStat(world, stat)}; `;
  }
  if (stat === undefined) return '';
  if (opcode === Opcode.SetAcl) return `aversion=${stat.aversion}, `;
  return `version=${stat.version} mzxid=${stat.mzxid} length=${stat.dataLength}, `;
}
