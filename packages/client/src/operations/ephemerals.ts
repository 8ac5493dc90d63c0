/** The paths of this session's ephemeral nodes, at and below a path. */
import { decodeTexts, Opcode, operations, validatePath } from '@zabra/wire';
import type { Abortable } from '../connection/abortable.ts';
import type { CallKind } from '../connection/call.ts';
import { pathError } from '../errors/create-error.ts';
import { toClientPath, toServerPath } from '../session/index.ts';
import { encode, type View } from './view.ts';

/** Servers compare letters: `/app` finds `/apple` as well. */
function isBelow(path: string, top: string): boolean {
  return top === '/' || path === top || path.startsWith(`${top}/`);
}

const kind: CallKind<readonly string[]> = {
  op: 'ephemerals',
  opcode: Opcode.GetEphemerals,
  isIdempotent: true,
  read: ({ reader }, { root, path: top }) =>
    (decodeTexts(reader) ?? []).flatMap((serverPath) => {
      const path = toClientPath(root, serverPath);
      return path !== null && isBelow(path, top) ? [path] : [];
    }),
};

export function ephemerals(
  view: View,
  path: string,
  options?: Abortable,
): Promise<readonly string[]> {
  const problem = validatePath(path);
  if (problem !== null) return Promise.reject(pathError(kind.op, path, problem));
  const request = { prefixPath: toServerPath(view.root, path) };
  const body = encode(view, operations[Opcode.GetEphemerals], request);
  return view.connection.calls.ask(view, kind, path, body, options);
}
