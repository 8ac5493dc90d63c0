/** One request that creates a node, in whichever of the forms that the protocol has for it. */
import { type Acl, CreateFlags, Opcode, operations, validatePath } from '@zabra/wire';
import type { Abortable } from '../connection/abortable.ts';
import type { CallKind } from '../connection/call.ts';
import { argumentError, pathError } from '../errors/create-error.ts';
import { toClientPath, toServerPath } from '../session/index.ts';
import { bytesOf, type Data } from './data.ts';
import { nameOf } from './paths.ts';
import { readStat, type Stat } from './stat.ts';
import { encode, type View } from './view.ts';

/** What a node is to be. */
export interface NodeOptions {
  /** `ephemeral` goes with the session, `container` with its last child. */
  readonly mode?: 'persistent' | 'ephemeral' | 'container' | undefined;
  /** The server adds ten digits to the name, which count up. */
  readonly sequential?: boolean | undefined;
  /** Milliseconds without a change after which it goes; the servers have to allow it. */
  readonly ttl?: number | undefined;
  readonly acl?: readonly Acl[] | undefined;
}

export interface Created<S = Stat> {
  readonly path: string;
  readonly name: string;
  /** The number in the name of a sequential node. */
  readonly sequence: number | undefined;
  readonly stat: S;
}

type CreateOpcode = typeof Opcode.Create2 | typeof Opcode.CreateContainer | typeof Opcode.CreateTtl;

function kindOf(opcode: CreateOpcode): CallKind<Created> {
  return {
    op: 'create',
    opcode,
    isIdempotent: false,
    read: ({ reader }, { root, path: asked }) =>
      createdAs(root, asked, reader.string() ?? '', readStat(reader)),
  };
}

/** From the path that the server tells. */
export function createdAs<S extends Stat | undefined>(
  root: string,
  asked: string,
  serverPath: string,
  stat: S,
): Created<S> {
  const path = toClientPath(root, serverPath) ?? serverPath;
  const sequence = path.length > asked.length ? Number(path.slice(asked.length)) : undefined;
  return { path, name: nameOf(path), sequence, stat };
}

const kinds: Readonly<Record<CreateOpcode, CallKind<Created>>> = {
  [Opcode.Create2]: kindOf(Opcode.Create2),
  [Opcode.CreateContainer]: kindOf(Opcode.CreateContainer),
  [Opcode.CreateTtl]: kindOf(Opcode.CreateTtl),
};

export function createOpcodeOf({ mode, ttl }: NodeOptions): CreateOpcode {
  if (ttl !== undefined) return Opcode.CreateTtl;
  return mode === 'container' ? Opcode.CreateContainer : Opcode.Create2;
}

export function createFlagsOf({ mode, sequential, ttl }: NodeOptions): number {
  if (ttl !== undefined) {
    return sequential === true ? CreateFlags.PersistentSequentialTtl : CreateFlags.PersistentTtl;
  }
  if (mode === 'container') return CreateFlags.Container;
  if (mode === 'ephemeral') {
    return sequential === true ? CreateFlags.EphemeralSequential : CreateFlags.Ephemeral;
  }
  return sequential === true ? CreateFlags.PersistentSequential : CreateFlags.Persistent;
}

/** Why there is no such kind of node, or null. */
export function nodeProblem({ mode, sequential, ttl }: NodeOptions): string | null {
  if (mode === 'container' && sequential === true) return 'a container cannot be sequential';
  if (ttl === undefined) return null;
  if (mode !== undefined && mode !== 'persistent') return `a node with a ttl cannot be ${mode}`;
  return Number.isInteger(ttl) && ttl > 0 ? null : 'a ttl is a whole number of milliseconds';
}

/** The name of a sequential node may be its number alone: its path may end with a slash. */
export function createPathProblem(path: string, sequential: boolean | undefined): string | null {
  return validatePath(sequential === true ? `${path}0` : path);
}

export function createNode(
  view: View,
  path: string,
  data: Data | undefined,
  options: NodeOptions & Abortable,
): Promise<Created> {
  const problem = createPathProblem(path, options.sequential);
  if (problem !== null) return Promise.reject(pathError('create', path, problem));
  const refusal = nodeProblem(options);
  if (refusal !== null) return Promise.reject(argumentError('create', path, refusal));
  const opcode = createOpcodeOf(options);
  const request = {
    path: toServerPath(view.root, path),
    data: bytesOf(data),
    acl: options.acl ?? view.acl,
    flags: createFlagsOf(options),
  };
  const body =
    opcode === Opcode.CreateTtl
      ? encode(view, operations[opcode], { ...request, ttl: BigInt(options.ttl!) })
      : encode(view, operations[opcode], request);
  return view.connection.calls.ask(view, kinds[opcode], path, body, options);
}
