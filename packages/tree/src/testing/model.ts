/**
 * The same requests by the plainest means: a map from path to an object, copied for every write, so
 * that each state stays as it was. It shares no code with the room but the wire's types, looks
 * everything up by walking all of it, and is believed where the two disagree.
 *
 * It knows neither watches nor quotas, nor what happens where a counter runs over.
 */
import {
  type Acl,
  ErrorCode,
  type Id,
  type MultiOp,
  Opcode,
  Permission,
  type SetAclRequest,
  type Stat,
} from '@zabra/wire';

export interface ModelNode {
  readonly data: Uint8Array | null;
  readonly acl: readonly Acl[];
  readonly czxid: bigint;
  readonly mzxid: bigint;
  readonly pzxid: bigint;
  readonly ctime: bigint;
  readonly mtime: bigint;
  readonly version: number;
  /** Creations of children, as it is stored. */
  readonly cversion: number;
  readonly aversion: number;
  /** As it is stored, unsigned. */
  readonly owner: bigint;
}

export type ModelState = ReadonlyMap<string, ModelNode>;

export type ModelWrite =
  | MultiOp
  | { readonly type: typeof Opcode.SetAcl; readonly body: SetAclRequest }
  | { readonly type: typeof Opcode.Multi; readonly body: { readonly ops: readonly MultiOp[] } }
  | { readonly type: typeof Opcode.CloseSession; readonly body: Record<string, never> }
  | { readonly type: typeof Opcode.DeleteContainer; readonly body: { readonly path: string } };

/** Who asks, and when. */
export interface ModelContext {
  readonly session: bigint;
  readonly closing: boolean;
  readonly identities: readonly Id[];
  readonly zxid: bigint;
  readonly time: bigint;
  readonly extendedTypes: boolean;
}

/** What one operation answers; a multi answers with one of these for each of its own. */
export interface ModelResult {
  readonly error: number;
  readonly path?: string;
  readonly stat?: Stat;
  readonly parts?: readonly ModelResult[];
}

export interface ModelStep extends ModelResult {
  readonly state: ModelState;
}

const CONTAINER = 0x8000000000000000n;
const TTL = 0xff00000000000000n;

const open: readonly Acl[] = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];

export function freshModel(): ModelState {
  const node: ModelNode = {
    data: new Uint8Array(0),
    acl: open,
    czxid: 0n,
    mzxid: 0n,
    pzxid: 0n,
    ctime: 0n,
    mtime: 0n,
    version: 0,
    cversion: 0,
    aversion: 0,
    owner: 0n,
  };
  const readable: readonly Acl[] = [{ perms: 1, id: { scheme: 'world', id: 'anyone' } }];
  return new Map([
    ['/', node],
    ['/zookeeper', node],
    ['/zookeeper/quota', node],
    ['/zookeeper/config', { ...node, acl: readable, aversion: -1 }],
  ]);
}

/** Names of the children of a path. */
export function modelChildren(state: ModelState, path: string): string[] {
  return [...state.keys()]
    .filter((other) => other !== '/' && parentOf(other) === path)
    .map((other) => other.slice(other.lastIndexOf('/') + 1));
}

export function modelDescendants(state: ModelState, path: string): number {
  const prefix = path === '/' ? '/' : `${path}/`;
  return [...state.keys()].filter((other) => other !== path && other.startsWith(prefix)).length;
}

export function ownedBy(state: ModelState, session: bigint): string[] {
  return [...state].filter(([, node]) => node.owner === session).map(([path]) => path);
}

/** The Stat that clients see. */
export function modelStat(state: ModelState, path: string, extendedTypes: boolean): Stat {
  const node = state.get(path)!;
  const children = modelChildren(state, path).length;
  return {
    czxid: node.czxid,
    mzxid: node.mzxid,
    ctime: node.ctime,
    mtime: node.mtime,
    version: node.version,
    cversion: (2 * node.cversion - children) | 0,
    aversion: node.aversion,
    ephemeralOwner: isSession(node.owner, extendedTypes) ? BigInt.asIntN(64, node.owner) : 0n,
    dataLength: node.data?.length ?? 0,
    numChildren: children,
    pzxid: node.pzxid,
  } as Stat;
}

/** What a write does; null where the request cannot be understood at all. */
export function modelWrite(
  state: ModelState,
  write: ModelWrite,
  context: ModelContext,
): ModelStep | null {
  switch (write.type) {
    case Opcode.SetAcl:
      return setAcl(state, write.body, context);
    case Opcode.Multi:
      return multi(state, write.body.ops, context);
    case Opcode.CloseSession:
      return closeSession(state, context);
    case Opcode.DeleteContainer:
      return deleteContainer(state, write.body.path, context);
    default:
      return single(state, write, context, false);
  }
}

function single(
  state: ModelState,
  op: MultiOp,
  context: ModelContext,
  inMulti: boolean,
): ModelStep | null {
  switch (op.type) {
    case Opcode.Delete:
      return remove(state, op.body.path, op.body.version, context);
    case Opcode.SetData:
      return setData(state, op.body.path, op.body.data, op.body.version, context);
    case Opcode.Check:
      return check(state, op.body.path, op.body.version, context);
    default:
      return create(state, op, context, inMulti);
  }
}

type CreateOp = Exclude<
  MultiOp,
  { readonly type: typeof Opcode.Delete | typeof Opcode.SetData | typeof Opcode.Check }
>;

function create(
  state: ModelState,
  op: CreateOp,
  context: ModelContext,
  inMulti: boolean,
): ModelStep | null {
  const { flags, data, acl, path: asked } = op.body;
  if (flags < 0 || flags > 6) return inMulti ? null : refused(state, ErrorCode.BadArguments);
  const isTtl = flags === 5 || flags === 6;
  const ttl = op.type === Opcode.CreateTtl ? op.body.ttl : -1n;
  if (isTtl && !context.extendedTypes) return refused(state, ErrorCode.Unimplemented);
  if (isTtl !== (op.type === Opcode.CreateTtl)) return refused(state, ErrorCode.BadArguments);
  if (isTtl && (ttl < 1n || ttl >= 1n << 40n)) return refused(state, ErrorCode.BadArguments);
  if (context.closing) return refused(state, ErrorCode.SessionExpired);
  if (!asked.includes('/') || asked.includes('\0')) return refused(state, ErrorCode.BadArguments);
  const stored = normalised(acl, context.identities);
  if (stored === null) return refused(state, ErrorCode.InvalidAcl);
  const parentPath = parentOf(asked);
  const parent = state.get(parentPath);
  if (parent === undefined) return refused(state, ErrorCode.NoNode);
  if (!permits(parent.acl, Permission.Create, context)) return refused(state, ErrorCode.NoAuth);
  const isSequential = flags === 2 || flags === 3 || flags === 6;
  const path = isSequential ? asked + String(parent.cversion).padStart(10, '0') : asked;
  if (!isLegal(path)) return refused(state, ErrorCode.BadArguments);
  if (state.has(path)) return refused(state, ErrorCode.NodeExists);
  if (isSession(parent.owner, context.extendedTypes)) {
    return refused(state, ErrorCode.NoChildrenForEphemerals);
  }
  const isContainer = op.type === Opcode.CreateContainer || flags === 4;
  const isEphemeral = !isContainer && (flags === 1 || flags === 3);
  let owner = 0n;
  if (isContainer) owner = CONTAINER;
  else if (isTtl) owner = TTL | ttl;
  else if (isEphemeral) owner = context.session;
  const next = new Map(state);
  next.set(path, {
    data,
    acl: stored,
    czxid: context.zxid,
    mzxid: context.zxid,
    pzxid: context.zxid,
    ctime: context.time,
    mtime: context.time,
    version: 0,
    cversion: 0,
    aversion: 0,
    owner,
  });
  next.set(parentPath, { ...parent, cversion: parent.cversion + 1, pzxid: context.zxid });
  const stat = modelStat(next, path, context.extendedTypes);
  // A plain create is answered with the path alone.
  const isPlain = op.type === Opcode.Create && (!inMulti || !isContainer);
  return isPlain ? { error: 0, state: next, path } : { error: 0, state: next, path, stat };
}

function remove(
  state: ModelState,
  path: string,
  version: number,
  context: ModelContext,
): ModelStep {
  if (context.closing) return refused(state, ErrorCode.SessionExpired);
  if (!isDeletable(path)) return refused(state, ErrorCode.BadArguments);
  const parent = state.get(parentOf(path));
  if (parent === undefined) return refused(state, ErrorCode.NoNode);
  if (!permits(parent.acl, Permission.Delete, context)) return refused(state, ErrorCode.NoAuth);
  const node = state.get(path);
  if (node === undefined) return refused(state, ErrorCode.NoNode);
  if (version !== -1 && version !== node.version) return refused(state, ErrorCode.BadVersion);
  if (modelChildren(state, path).length > 0) return refused(state, ErrorCode.NotEmpty);
  return { error: 0, state: without(state, path, context.zxid) };
}

function deleteContainer(state: ModelState, path: string, context: ModelContext): ModelStep {
  if (!isDeletable(path)) return refused(state, ErrorCode.BadArguments);
  const node = state.get(path);
  if (node === undefined) return refused(state, ErrorCode.NoNode);
  if (modelChildren(state, path).length > 0) return refused(state, ErrorCode.NotEmpty);
  if (isSession(node.owner, context.extendedTypes)) return refused(state, ErrorCode.BadVersion);
  return { error: 0, state: without(state, path, context.zxid) };
}

function setData(
  state: ModelState,
  path: string,
  data: Uint8Array | null,
  version: number,
  context: ModelContext,
): ModelStep {
  if (context.closing) return refused(state, ErrorCode.SessionExpired);
  if (!isLegal(path)) return refused(state, ErrorCode.BadArguments);
  const node = state.get(path);
  if (node === undefined) return refused(state, ErrorCode.NoNode);
  if (!permits(node.acl, Permission.Write, context)) return refused(state, ErrorCode.NoAuth);
  if (version !== -1 && version !== node.version) return refused(state, ErrorCode.BadVersion);
  const next = new Map(state);
  const { zxid: mzxid, time: mtime } = context;
  next.set(path, { ...node, data, version: node.version + 1, mzxid, mtime });
  return { error: 0, state: next, stat: modelStat(next, path, context.extendedTypes) };
}

function setAcl(state: ModelState, request: SetAclRequest, context: ModelContext): ModelStep {
  const { path, acl, version } = request;
  if (context.closing) return refused(state, ErrorCode.SessionExpired);
  if (!isLegal(path)) return refused(state, ErrorCode.BadArguments);
  const stored = normalised(acl, context.identities);
  if (stored === null) return refused(state, ErrorCode.InvalidAcl);
  const node = state.get(path);
  if (node === undefined) return refused(state, ErrorCode.NoNode);
  if (!permits(node.acl, Permission.Admin, context)) return refused(state, ErrorCode.NoAuth);
  if (version !== -1 && version !== node.aversion) return refused(state, ErrorCode.BadVersion);
  const next = new Map(state);
  next.set(path, { ...node, acl: stored, aversion: node.aversion + 1 });
  return { error: 0, state: next, stat: modelStat(next, path, context.extendedTypes) };
}

function check(state: ModelState, path: string, version: number, context: ModelContext): ModelStep {
  if (context.closing) return refused(state, ErrorCode.SessionExpired);
  if (!isLegal(path)) return refused(state, ErrorCode.BadArguments);
  const node = state.get(path);
  if (node === undefined) return refused(state, ErrorCode.NoNode);
  if (!permits(node.acl, Permission.Read, context)) return refused(state, ErrorCode.NoAuth);
  if (version !== -1 && version !== node.version) return refused(state, ErrorCode.BadVersion);
  return { error: 0, state };
}

function multi(
  state: ModelState,
  ops: readonly MultiOp[],
  context: ModelContext,
): ModelStep | null {
  // Flags of no meaning make the whole request undecodable, wherever they stand.
  if (ops.some((op) => 'flags' in op.body && (op.body.flags < 0 || op.body.flags > 6))) return null;
  const parts: ModelResult[] = [];
  let current = state;
  for (const [i, op] of ops.entries()) {
    const step = single(current, op, context, true);
    if (step === null) return null;
    if (step.error !== ErrorCode.Ok) {
      const codes = ops.map((_, k) => {
        if (k < i) return ErrorCode.Ok;
        return k === i ? step.error : ErrorCode.RuntimeInconsistency;
      });
      return { error: 0, state, parts: codes.map((error) => ({ error })) };
    }
    parts.push(step);
    current = step.state;
  }
  return { error: 0, state: current, parts };
}

function closeSession(state: ModelState, context: ModelContext): ModelStep {
  let next = state;
  for (const path of ownedBy(state, context.session)) next = without(next, path, context.zxid);
  return { error: 0, state: next };
}

function refused(state: ModelState, error: number): ModelStep {
  return { error, state };
}

function without(state: ModelState, path: string, zxid: bigint): ModelState {
  const next = new Map(state);
  next.delete(path);
  const parentPath = parentOf(path);
  next.set(parentPath, { ...next.get(parentPath)!, pzxid: zxid });
  return next;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

function isSession(owner: bigint, extendedTypes: boolean): boolean {
  if (owner === 0n || owner === CONTAINER) return false;
  return !(extendedTypes && owner >> 56n === 0xffn);
}

function isDeletable(path: string): boolean {
  if (!path.includes('/') || path.includes('\0')) return false;
  return !['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config'].includes(path);
}

function isLegal(path: string): boolean {
  if (path === '/') return true;
  if (!path.startsWith('/')) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\0-\x1f\x7f-\x9f\ud800-\uf8ff\ufff0-\uffff]/.test(path)) return false;
  return path
    .slice(1)
    .split('/')
    .every((name) => name !== '' && name !== '.' && name !== '..');
}

function permits(acl: readonly Acl[], wanted: number, context: ModelContext): boolean {
  if (context.identities.some(({ scheme }) => scheme === 'super')) return true;
  return acl.some(({ perms, id }) => {
    if ((perms & wanted) === 0) return false;
    if (id.scheme === 'world' && id.id === 'anyone') return true;
    return context.identities.some((own) => own.scheme === id.scheme && own.id === id.id);
  });
}

function normalised(acl: readonly Acl[] | null, identities: readonly Id[]): readonly Acl[] | null {
  if (acl === null || acl.length === 0) return null;
  const texts = [...new Set(acl.map(({ perms, id }) => JSON.stringify([perms, id.scheme, id.id])))];
  const stored: Acl[] = [];
  for (const text of texts) {
    const [perms, scheme, id] = JSON.parse(text) as [number, string, string];
    if (scheme === 'auth') {
      const own = identities.filter((identity) => identity.scheme === 'digest');
      if (own.length === 0) return null;
      stored.push(...own.map((identity) => ({ perms, id: identity })));
    } else if (scheme === 'world' ? id === 'anyone' : scheme === 'digest' && /^\w*:\w+$/.test(id)) {
      stored.push({ perms, id: { scheme, id } });
    } else {
      return null;
    }
  }
  return stored;
}
