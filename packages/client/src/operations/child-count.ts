/** How many nodes there are below a node, at all depths. */
import { Opcode, operations, validatePath } from '@zabra/wire';
import type { Abortable } from '../connection/abortable.ts';
import type { CallKind } from '../connection/call.ts';
import { pathError } from '../errors/create-error.ts';
import { toServerPath } from '../session/index.ts';
import { encode, type View } from './view.ts';

const kind: CallKind<number> = {
  op: 'childCount',
  opcode: Opcode.GetAllChildrenNumber,
  isIdempotent: true,
  read: ({ reader }) => reader.int(),
};

export function childCount(view: View, path: string, options?: Abortable): Promise<number> {
  const problem = validatePath(path);
  if (problem !== null) return Promise.reject(pathError(kind.op, path, problem));
  const request = { path: toServerPath(view.root, path) };
  const body = encode(view, operations[Opcode.GetAllChildrenNumber], request);
  return view.connection.calls.ask(view, kind, path, body, options);
}
