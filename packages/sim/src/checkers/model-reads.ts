/** What a read must have been answered, given the tree at the zxid of its answer. */
import {
  asSessionId,
  decodeExistsResponse,
  decodeGetAllChildrenNumberResponse,
  decodeGetChildren2Response,
  decodeGetDataResponse,
  decodeGetEphemeralsResponse,
  ErrorCode,
  JuteReader,
  Opcode,
  type Stat,
} from '@zabra/wire';
import type { Answer, Ask } from '../people/journal.ts';
import { isOfSession, type ModelTree } from './model-tree.ts';
import type { PlainNode } from './plain-node.ts';

/** A sentence where the answer is another, else null. */
export function judgeRead(
  model: ModelTree,
  session: bigint,
  ask: Ask,
  answer: Answer,
): string | null {
  if (ask.type === Opcode.GetEphemerals) {
    return judgeEphemerals(model, session, ask.body.prefixPath ?? '', answer);
  }
  if (ask.type === Opcode.GetAllChildrenNumber) return judgeCount(model, ask.body.path, answer);
  return judgePathRead(model, ask, answer);
}

function judgePathRead(model: ModelTree, ask: Ask, { error, body, zxid }: Answer): string | null {
  const isRead =
    ask.type === Opcode.GetData || ask.type === Opcode.Exists || ask.type === Opcode.GetChildren2;
  if (!isRead) return null;
  const { path } = ask.body;
  const node = model.nodes.get(path);
  const expected = node === undefined ? ErrorCode.NoNode : ErrorCode.Ok;
  const about = `${path} was read as of ${zxid}`;
  if (error !== expected) return `${about} with ${error} and should give ${expected}`;
  if (node === undefined) return null;
  const children = model.childrenOf(path);
  const reader = JuteReader.over(body);
  if (ask.type === Opcode.GetData) {
    const answer = decodeGetDataResponse(reader);
    if (answer === null || !isSame(answer.data, node.data)) return `${about} with other data`;
    return judgeStat(about, answer.stat, node, children.length);
  }
  if (ask.type === Opcode.Exists) {
    return judgeStat(about, decodeExistsResponse(reader)?.stat, node, children.length);
  }
  const answer = decodeGetChildren2Response(reader);
  const names = [...(answer?.children ?? [])].sort();
  if (names.join() !== children.sort().join()) {
    return `${about} with the children ${names.join()} and should have ${children.join()}`;
  }
  return judgeStat(about, answer?.stat, node, children.length);
}

/** All of the session whose paths begin so, in any order. */
function judgeEphemerals(
  model: ModelTree,
  session: bigint,
  prefix: string,
  { error, body, zxid }: Answer,
): string | null {
  const owned = model.ownedBy(asSessionId(session)).filter((path) => path.startsWith(prefix));
  const answer = error === 0 ? decodeGetEphemeralsResponse(JuteReader.over(body)) : null;
  const told = answer === null ? `error ${error}` : [...answer.ephemerals].sort().join();
  const expected = owned.sort().join();
  if (told === expected) return null;
  return `ephemerals below ${prefix} were read as of ${zxid} as ${told} and should be ${expected}`;
}

/** All below a node, however deep. */
function judgeCount(model: ModelTree, path: string, { error, body, zxid }: Answer): string | null {
  const about = `the nodes below ${path} were counted as of ${zxid}`;
  if (!model.nodes.has(path)) {
    return error === ErrorCode.NoNode ? null : `${about} with ${error}, and there is none such`;
  }
  const below = path === '/' ? '/' : `${path}/`;
  let expected = 0;
  for (const one of model.nodes.keys()) if (one !== '/' && one.startsWith(below)) expected += 1;
  const answer = decodeGetAllChildrenNumberResponse(JuteReader.over(body));
  const told = error === 0 ? answer?.totalNumber : error;
  return told === expected ? null : `${about} as ${told} and should be ${expected}`;
}

function judgeStat(
  about: string,
  told: Stat | undefined,
  node: PlainNode,
  childCount: number,
): string | null {
  const { data, stat } = node;
  if (told === undefined) return `${about} with an answer that cannot be read`;
  const expected: Stat = {
    ...stat,
    dataLength: data?.length ?? 0,
    numChildren: childCount,
    ephemeralOwner: isOfSession(node) ? stat.ephemeralOwner : asSessionId(0n),
    // Clients are told of creations and deletions together.
    cversion: stat.cversion * 2 - childCount,
  };
  for (const name of Object.keys(told) as (keyof Stat)[]) {
    if (BigInt(told[name]) === BigInt(expected[name])) continue;
    return `${about} with ${String(name)} ${told[name]} and should have ${expected[name]}`;
  }
  return null;
}

function isSame(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
