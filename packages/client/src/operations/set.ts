/** Sets a node's data. */
import { Opcode, operations, validatePath } from '@zabra/wire';
import type { Abortable } from '../connection/abortable.ts';
import type { CallKind } from '../connection/call.ts';
import { pathError } from '../errors/create-error.ts';
import { toServerPath } from '../session/index.ts';
import { bytesOf, type Data } from './data.ts';
import { readStat, type Stat } from './stat.ts';
import { encode, type View } from './view.ts';

export const ANY_VERSION = -1;

export interface SetOptions extends Abortable {
  /** The version that is replaced; any unless it is given. */
  readonly version?: number | undefined;
}

const kind: CallKind<Stat> = {
  op: 'set',
  opcode: Opcode.SetData,
  isIdempotent: false,
  read: ({ reader }) => readStat(reader),
};

export function set(view: View, path: string, data: Data, options?: SetOptions): Promise<Stat> {
  const problem = validatePath(path);
  if (problem !== null) return Promise.reject(pathError(kind.op, path, problem));
  const body = encode(view, operations[Opcode.SetData], {
    path: toServerPath(view.root, path),
    data: bytesOf(data),
    version: options?.version ?? ANY_VERSION,
  });
  return view.connection.calls.ask(view, kind, path, body, options);
}
