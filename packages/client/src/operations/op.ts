/** Parts of a `multi` or a `readMany`, as values: `op.create('/a')`. */
import { type MultiOp, Opcode, validatePath } from '@zabra/wire';
import type { Bytes } from '../connection/bytes.ts';
import { argumentError, pathError } from '../errors/create-error.ts';
import { toServerPath } from '../session/index.ts';
import {
  type Created,
  createFlagsOf,
  createOpcodeOf,
  createPathProblem,
  type NodeOptions,
  nodeProblem,
} from './create-node.ts';
import { bytesOf, type Data } from './data.ts';
import type { ZNode } from './get.ts';
import { ANY_VERSION } from './set.ts';
import type { Stat } from './stat.ts';
import type { View } from './view.ts';

export interface VersionOption {
  /** Any unless it is given. */
  readonly version?: number | undefined;
}

export interface CreateOp {
  readonly type: 'create';
  readonly path: string;
  readonly data: Data | undefined;
  readonly options: NodeOptions;
}
export interface SetOp {
  readonly type: 'set';
  readonly path: string;
  readonly data: Data;
  readonly version: number;
}
export interface DeleteOp {
  readonly type: 'delete';
  readonly path: string;
  readonly version: number;
}
export interface CheckOp {
  readonly type: 'check';
  readonly path: string;
  readonly version: number;
}
export type Op = CreateOp | SetOp | DeleteOp | CheckOp;

/** Servers before 3.7.2 and 3.8.2 do not tell the stat of what is created in a multi. */
export type ResultOf<O extends Op> = O extends CreateOp
  ? Created<Stat | undefined>
  : O extends SetOp
    ? Stat
    : undefined;

export interface GetOp {
  readonly type: 'get';
  readonly path: string;
}
export interface ChildrenOp {
  readonly type: 'children';
  readonly path: string;
}
export type ReadOp = GetOp | ChildrenOp;

export type ReadValueOf<O extends ReadOp> = O extends GetOp ? ZNode<Bytes> : readonly string[];

export const op: {
  create(path: string, data?: Data, options?: NodeOptions): CreateOp;
  set(path: string, data: Data, options?: VersionOption): SetOp;
  delete(path: string, options?: VersionOption): DeleteOp;
  check(path: string, version: number): CheckOp;
  get(path: string): GetOp;
  children(path: string): ChildrenOp;
} = {
  create: (path, data, options = {}) => ({ type: 'create', path, data, options }),
  set: (path, data, { version = ANY_VERSION } = {}) => ({ type: 'set', path, data, version }),
  delete: (path, { version = ANY_VERSION } = {}) => ({ type: 'delete', path, version }),
  check: (path, version) => ({ type: 'check', path, version }),
  get: (path) => ({ type: 'get', path }),
  children: (path) => ({ type: 'children', path }),
};

/** Throws what is wrong with a part, before anything of the whole is sent. */
export function checkOp(part: Op | ReadOp): void {
  const { type, path } = part;
  const isCreate = type === 'create';
  const problem = isCreate ? createPathProblem(path, part.options.sequential) : validatePath(path);
  if (problem !== null) throw pathError(type, path, problem);
  const refusal = isCreate ? nodeProblem(part.options) : null;
  if (refusal !== null) throw argumentError(type, path, refusal);
}

/** As the protocol has it. */
export function multiOpOf(view: View, part: Op): MultiOp {
  const path = toServerPath(view.root, part.path);
  switch (part.type) {
    case 'create':
      return createOpOf(view, path, part);
    case 'set': {
      const { data, version } = part;
      return { type: Opcode.SetData, body: { path, data: bytesOf(data), version } };
    }
    case 'delete':
      return { type: Opcode.Delete, body: { path, version: part.version } };
    case 'check':
      return { type: Opcode.Check, body: { path, version: part.version } };
  }
}

function createOpOf(view: View, path: string, { data, options }: CreateOp): MultiOp {
  const acl = options.acl ?? view.acl;
  const flags = createFlagsOf(options);
  const body = { path, data: bytesOf(data), acl, flags };
  const type = createOpcodeOf(options);
  if (type !== Opcode.CreateTtl) return { type, body };
  return { type, body: { ...body, ttl: BigInt(options.ttl!) } };
}
