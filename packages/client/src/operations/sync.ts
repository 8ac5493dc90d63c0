/** Waits until the server has seen everything that was agreed on before. */
import { Opcode, operations, validatePath } from '@zabra/wire';
import type { Abortable } from '../connection/abortable.ts';
import type { CallKind } from '../connection/call.ts';
import { pathError } from '../errors/create-error.ts';
import { toServerPath } from '../session/index.ts';
import { encode, type View } from './view.ts';

const kind: CallKind<void> = {
  op: 'sync',
  opcode: Opcode.Sync,
  isIdempotent: true,
  read: () => undefined,
};

export function sync(view: View, path: string, options?: Abortable): Promise<void> {
  const problem = validatePath(path);
  if (problem !== null) return Promise.reject(pathError('sync', path, problem));
  const request = { path: toServerPath(view.root, path) };
  const body = encode(view, operations[Opcode.Sync], request);
  return view.connection.calls.ask(view, kind, path, body, options);
}
