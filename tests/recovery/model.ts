/**
 * What a writer believes of its own part of the tree. Nobody else writes there, so every outcome
 * can be foretold, and after a crash the tree must hold exactly the state behind some prefix of
 * what the writer sent: at least everything acknowledged, never half of anything.
 */
import type { Reply } from '../support/raw-replies.ts';

/** All writers create their sequential nodes below this one, so that they compete for numbers. */
export const LINE = '/load/line';

export interface NodeBelief {
  readonly data: string;
  readonly version: number;
  readonly isEphemeral: boolean;
  /** The operation that wrote it last; its reply, if any, knows the transaction. */
  readonly writtenBy: Operation;
}

/**
 * Nodes by key: the name below the writer's root, or `line:<tag>` for a sequential node, whose
 * name only the server knows. A value is never changed once it is in a belief.
 */
export type Belief = ReadonlyMap<string, NodeBelief>;

export interface Operation {
  /** Unique in the whole chain, and the beginning of whatever data it writes. */
  readonly tag: string;
  readonly what: string;
  readonly type: number;
  readonly body: Buffer;
  /** What has to be answered. */
  readonly expectedError: number;
  /** Looks at a reply with the expected error; says what else is wrong with it. */
  readonly verify?: (reply: Reply) => string | undefined;
  /** The belief once the operation has been applied; equal to the one before for refused ones. */
  after: Belief;
  closesSession?: boolean;
  reply?: Reply;
}

export function lineKey(tag: string): string {
  return `line:${tag}`;
}

/** A copy of the belief with some nodes written and some removed. */
export function changed(
  belief: Belief,
  written: ReadonlyMap<string, NodeBelief>,
  removed: readonly string[] = [],
): Belief {
  const after = new Map([...belief, ...written]);
  for (const key of removed) after.delete(key);
  return after;
}

/** What a closed session leaves behind. */
export function withoutEphemerals(belief: Belief): Belief {
  return new Map([...belief].filter(([, node]) => !node.isEphemeral));
}

/** A node as read from the server after a restart. */
export interface FoundNode {
  readonly name: string;
  readonly data: string;
  readonly version: number;
  readonly mzxid: bigint;
  readonly czxid: bigint;
  readonly ephemeralOwner: bigint;
}

/** How what was found differs from a belief; empty when it does not. */
export function differencesOf(
  belief: Belief,
  found: ReadonlyMap<string, FoundNode>,
  sessionId: bigint,
): string[] {
  const differences: string[] = [];
  for (const [key, node] of belief) {
    const there = found.get(key);
    if (there) differences.push(...nodeDifferences(key, node, there, sessionId));
    else differences.push(`${key} is missing, written by ${node.writtenBy.tag}`);
  }
  for (const key of found.keys()) {
    if (!belief.has(key)) differences.push(`${key} should not be there`);
  }
  return differences;
}

function nodeDifferences(
  key: string,
  node: NodeBelief,
  there: FoundNode,
  sessionId: bigint,
): string[] {
  const differences: string[] = [];
  const short = (data: string): string => data.slice(0, 24);
  if (there.data !== node.data) {
    differences.push(`${key} holds ${short(there.data)} instead of ${short(node.data)}`);
  }
  if (there.version !== node.version) {
    differences.push(`${key} has version ${there.version} instead of ${node.version}`);
  }
  if (there.ephemeralOwner !== (node.isEphemeral ? sessionId : 0n)) {
    differences.push(`${key} belongs to session ${there.ephemeralOwner}`);
  }
  const zxid = node.writtenBy.reply?.zxid;
  if (zxid !== undefined && zxid !== there.mzxid) {
    differences.push(`${key} was written by ${there.mzxid} instead of ${zxid}`);
  }
  return differences;
}
