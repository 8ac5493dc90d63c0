/** From a code to the error that says it: `get /a: there is no such node (NoNode)`. */
import { ErrorCode as WireCode } from '@zabra/wire';
import { type ErrorCode, sentenceOf } from './error-code.ts';
import { kindOf } from './kinds.ts';
import type { ErrorFacts, ZooKeeperError } from './zookeeper-error.ts';

/** What may be otherwise at the next try. */
const transient: ReadonlySet<ErrorCode | number> = new Set<ErrorCode>([
  'ConnectionLoss',
  'OperationTimeout',
  'QueueFull',
  'SessionMoved',
  'ThrottledOp',
]);

const names = new Map<number, ErrorCode>(
  Object.entries(WireCode).map(([name, code]) => [code, name as ErrorCode]),
);

/** The name of a code of the protocol, or the code itself. */
export function codeOf(code: number): ErrorCode | number {
  return names.get(code) ?? code;
}

export function isTransient(code: ErrorCode | number): boolean {
  return transient.has(code);
}

export function createError(code: ErrorCode | number, facts: ErrorFacts = {}): ZooKeeperError {
  return new (kindOf(code))(code, messageOf(code, facts), facts);
}

export function messageOf(
  code: ErrorCode | number,
  { op, path }: ErrorFacts,
  detail: string | null = null,
): string {
  const sentence = detail ?? sentenceOf(code);
  const what = [op, path].filter((part) => part !== undefined && part !== '').join(' ');
  const said = sentence === null ? `${code}` : `${sentence} (${code})`;
  return what === '' ? said : `${what}: ${said}`;
}

/** Why a path cannot name a node. */
export function pathError(op: string, path: string, problem: string): ZooKeeperError {
  const facts = { op, path };
  return new (kindOf('InvalidPath'))(
    'InvalidPath',
    messageOf('InvalidPath', facts, problem),
    facts,
  );
}

/** Arguments that no server needs to see. */
export function argumentError(op: string, path: string, problem: string): ZooKeeperError {
  const facts = { op, path };
  return new (kindOf('BadArguments'))(
    'BadArguments',
    messageOf('BadArguments', facts, problem),
    facts,
  );
}
