/** Several writes that happen together or not at all. */
import {
  decodeMultiResponse,
  type MultiResult,
  Opcode,
  operations,
  type Stat as WireStat,
} from '@zabra/wire';
import type { Abortable } from '../connection/abortable.ts';
import type { CallKind } from '../connection/call.ts';
import { codeOf, messageOf } from '../errors/create-error.ts';
import { MultiError } from '../errors/kinds.ts';
import { createdAs } from './create-node.ts';
import { checkOp, multiOpOf, type Op, type ResultOf } from './op.ts';
import type { Stat } from './stat.ts';
import { encode, type View } from './view.ts';

const kind: CallKind<readonly MultiResult[]> = {
  op: 'multi',
  opcode: Opcode.Multi,
  isIdempotent: false,
  read: ({ reader }) => decodeMultiResponse(reader)?.results ?? [],
};

export async function multi<const O extends readonly Op[]>(
  view: View,
  ops: O,
  options?: Abortable,
): Promise<{ -readonly [K in keyof O]: ResultOf<O[K]> }> {
  for (const part of ops) checkOp(part);
  const request = { ops: ops.map((part) => multiOpOf(view, part)) };
  const body = encode(view, operations[Opcode.Multi], request);
  const results = await view.connection.calls.ask(view, kind, '', body, options);
  const failed = results.findIndex((result) => errOf(result) !== 0);
  if (failed >= 0) throw failureOf(view, ops, results, failed);
  return results.map((result, i) => resultOf(view, ops[i]!, result)) as {
    -readonly [K in keyof O]: ResultOf<O[K]>;
  };
}

function failureOf(
  view: View,
  ops: readonly Op[],
  results: readonly MultiResult[],
  index: number,
): MultiError {
  const codes = results.map((result) => (errOf(result) === 0 ? 'Ok' : codeOf(errOf(result))));
  const code = codeOf(errOf(results[index]!));
  const { type, path } = ops[index]!;
  const part = `${type} ${path}, number ${index} of ${ops.length}`;
  const message = messageOf(code, { op: 'multi', path: part });
  const sessionId = view.connection.info?.id;
  return new MultiError(code, index, codes, message, { op: 'multi', path, sessionId });
}

function errOf(result: MultiResult): number {
  return result.type === Opcode.Error ? result.body.err : 0;
}

function resultOf(view: View, part: Op, result: MultiResult): unknown {
  switch (result.type) {
    case Opcode.Create2:
      return createdAs(view.root, part.path, result.body.path, statOf(result.body.stat));
    case Opcode.Create:
      return createdAs(view.root, part.path, result.body.path, undefined);
    case Opcode.SetData:
      return statOf(result.body.stat);
    default:
      return undefined;
  }
}

function statOf(stat: WireStat): Stat {
  return { ...stat, ctime: Number(stat.ctime), mtime: Number(stat.mtime) };
}
