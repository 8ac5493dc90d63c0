/** Who may do what with a node. */
import { type Acl, Opcode, operations, readAcls, validatePath } from '@zabra/wire';
import type { Abortable } from '../connection/abortable.ts';
import type { CallKind } from '../connection/call.ts';
import { pathError } from '../errors/create-error.ts';
import { toServerPath } from '../session/index.ts';
import { ANY_VERSION } from './set.ts';
import { readStat, type Stat } from './stat.ts';
import { encode, type View } from './view.ts';

export interface NodeAcl {
  readonly acl: readonly Acl[];
  readonly stat: Stat;
}

export interface SetAclOptions extends Abortable {
  /** The `aversion` that is replaced; any unless it is given. */
  readonly version?: number | undefined;
}

const getKind: CallKind<NodeAcl> = {
  op: 'getAcl',
  opcode: Opcode.GetAcl,
  isIdempotent: true,
  read: ({ reader }) => ({ acl: readAcls(reader) ?? [], stat: readStat(reader) }),
};

const setKind: CallKind<Stat> = {
  op: 'setAcl',
  opcode: Opcode.SetAcl,
  isIdempotent: false,
  read: ({ reader }) => readStat(reader),
};

export function getAcl(view: View, path: string, options?: Abortable): Promise<NodeAcl> {
  const problem = validatePath(path);
  if (problem !== null) return Promise.reject(pathError(getKind.op, path, problem));
  const request = { path: toServerPath(view.root, path) };
  const body = encode(view, operations[Opcode.GetAcl], request);
  return view.connection.calls.ask(view, getKind, path, body, options);
}

export function setAcl(
  view: View,
  path: string,
  acl: readonly Acl[],
  options?: SetAclOptions,
): Promise<Stat> {
  const problem = validatePath(path);
  if (problem !== null) return Promise.reject(pathError(setKind.op, path, problem));
  const version = options?.version ?? ANY_VERSION;
  const request = { path: toServerPath(view.root, path), acl, version };
  const body = encode(view, operations[Opcode.SetAcl], request);
  return view.connection.calls.ask(view, setKind, path, body, options);
}
