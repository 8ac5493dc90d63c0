/** One request that deletes a node. */
import { Opcode, operations, validatePath } from '@zabra/wire';
import type { Abortable } from '../connection/abortable.ts';
import type { CallKind } from '../connection/call.ts';
import { pathError } from '../errors/create-error.ts';
import { toServerPath } from '../session/index.ts';
import { ANY_VERSION } from './set.ts';
import { encode, type View } from './view.ts';

const strict: CallKind<boolean> = {
  op: 'delete',
  opcode: Opcode.Delete,
  isIdempotent: false,
  read: () => true,
};

const lenient: CallKind<boolean> = { ...strict, missing: { value: false } };

/** False where there was no such node and that is no error. */
export function deleteNode(
  view: View,
  path: string,
  version: number = ANY_VERSION,
  missingOk = false,
  options?: Abortable,
): Promise<boolean> {
  const problem = validatePath(path);
  if (problem !== null) return Promise.reject(pathError('delete', path, problem));
  const request = { path: toServerPath(view.root, path), version };
  const body = encode(view, operations[Opcode.Delete], request);
  return view.connection.calls.ask(view, missingOk ? lenient : strict, path, body, options);
}
