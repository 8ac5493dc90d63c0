/** What a read must have been answered, given the tree at the zxid of its answer. */
import {
  decodeExistsResponse,
  decodeGetChildren2Response,
  decodeGetDataResponse,
  ErrorCode,
  JuteReader,
  Opcode,
  type Stat,
} from '@zabra/wire';
import type { Answer, Ask } from '../people/journal.ts';
import type { ModelTree } from './model-tree.ts';
import type { PlainNode } from './plain-node.ts';

/** A sentence where the answer is another, else null. */
export function judgeRead(
  model: ModelTree,
  ask: Ask,
  { error, body, zxid }: Answer,
): string | null {
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

function judgeStat(
  about: string,
  told: Stat | undefined,
  { data, stat }: PlainNode,
  childCount: number,
): string | null {
  if (told === undefined) return `${about} with an answer that cannot be read`;
  const expected: Stat = {
    ...stat,
    dataLength: data?.length ?? 0,
    numChildren: childCount,
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
