/** Several reads in one request, each of which succeeds or fails for itself. */
import { decodeTexts, type JuteReader, Opcode, operations } from '@zabra/wire';
import type { Abortable } from '../connection/abortable.ts';
import type { Answer } from '../connection/answer.ts';
import type { Call, CallKind } from '../connection/call.ts';
import { codeOf, createError } from '../errors/create-error.ts';
import type { ZooKeeperError } from '../errors/zookeeper-error.ts';
import { toServerPath } from '../session/index.ts';
import { checkOp, type ReadOp, type ReadValueOf } from './op.ts';
import { readStat } from './stat.ts';
import { encode, type View } from './view.ts';

export type ReadResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: ZooKeeperError };

export type ReadResultOf<O extends ReadOp> = ReadResult<ReadValueOf<O>>;

interface Part {
  readonly code: number;
  readonly read: unknown;
}

const kind: CallKind<readonly Part[]> = {
  op: 'readMany',
  opcode: Opcode.MultiRead,
  isIdempotent: true,
  read: readParts,
};

export async function readMany<const O extends readonly ReadOp[]>(
  view: View,
  ops: O,
  options?: Abortable,
): Promise<{ -readonly [K in keyof O]: ReadResultOf<O[K]> }> {
  for (const part of ops) checkOp(part);
  const request = {
    ops: ops.map(({ type, path }) => {
      const body = { path: toServerPath(view.root, path), watch: false };
      return { type: type === 'get' ? Opcode.GetData : Opcode.GetChildren, body };
    }),
  };
  const body = encode(view, operations[Opcode.MultiRead], request);
  const parts = await view.connection.calls.ask(view, kind, '', body, options);
  return ops.map((part, i) => resultOf(part, parts[i]!)) as {
    -readonly [K in keyof O]: ReadResultOf<O[K]>;
  };
}

function resultOf({ type, path }: ReadOp, { code, read }: Part): ReadResult<unknown> {
  if (code !== 0) return { ok: false, error: createError(codeOf(code), { op: type, path }) };
  return { ok: true, value: type === 'get' ? Object.assign({ path }, read) : read };
}

/** The list of `multi-items.ts` of wire, read here for the sake of the data's type. */
function readParts(answer: Answer, _call: Call): readonly Part[] {
  const { reader } = answer;
  const parts: Part[] = [];
  for (;;) {
    const type = reader.int();
    const isDone = reader.boolean();
    reader.int();
    if (isDone || reader.failed) return parts;
    parts.push(readPart(answer, reader, type));
  }
}

function readPart(answer: Answer, reader: JuteReader, type: number): Part {
  if (type === Opcode.Error) return { code: reader.int(), read: null };
  if (type === Opcode.GetData) {
    return { code: 0, read: { data: answer.data(), stat: readStat(reader) } };
  }
  if (type === Opcode.GetChildren) return { code: 0, read: decodeTexts(reader) ?? [] };
  reader.fail();
  return { code: 0, read: null };
}
