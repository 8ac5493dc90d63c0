/**
 * What a request must lead to, given the tree just before it: the rules of ZooKeeper's operations by
 * the plainest means, on the model. It knows open ACLs only, as the clients of a world ask for no
 * others.
 */
import {
  asSessionId,
  CreateFlags,
  type CreateRequest,
  ErrorCode,
  type MultiOp,
  Opcode,
  type PartTxn,
  type Transaction,
} from '@zabra/wire';
import type { Operation } from '../people/journal.ts';
import type { ModelMembers } from './model-members.ts';
import { isOfSession, type ModelTree } from './model-tree.ts';

interface Creation {
  readonly body: CreateRequest;
}

const ANY_VERSION = -1;
const SEQUENCE_DIGITS = 10;

/** A sentence where the log says otherwise than the rules, else null. */
export function judgeOutcome(
  model: ModelTree,
  operation: Operation,
  txn: Transaction,
  members: ModelMembers | null = null,
): string | null {
  const { ask, session } = operation;
  const { record, header } = txn;
  const about = `transaction ${header.zxid}`;
  switch (ask.type) {
    case Opcode.Create:
    case Opcode.Create2:
    case Opcode.CreateContainer:
    case Opcode.CreateTtl:
    case Opcode.Delete:
    case Opcode.SetData: {
      if (record.type === Opcode.Multi || isSessionRecord(record.type)) {
        return `${about} is no answer to a request of type ${ask.type}`;
      }
      return judgePart(model, session, ask, record as PartTxn, about);
    }
    case Opcode.Multi: {
      if (hasEndedBefore(model, session, record)) return null;
      if (record.type !== Opcode.Multi) return `${about} is no multi, and should be`;
      return judgeParts(model.fork(), operation.session, ask.body.ops, txn, record.body.txns);
    }
    case Opcode.Reconfig:
      if (hasEndedBefore(model, session, record)) return null;
      return members?.judge(ask.body, txn) ?? null;
    case Opcode.CloseSession:
      return record.type === Opcode.CloseSession ? null : `${about} closes no session`;
    default:
      return `${about} came of a read`;
  }
}

/** What a session asks that has ended is refused before anybody looks into it. */
function hasEndedBefore(model: ModelTree, session: bigint, record: Transaction['record']): boolean {
  const isRefused = record.type === Opcode.Error && record.body.err === ErrorCode.SessionExpired;
  return isRefused && !isOpen(model, session);
}

function judgeParts(
  scratch: ModelTree,
  session: bigint,
  ops: readonly MultiOp[],
  txn: Transaction,
  parts: readonly PartTxn[],
): string | null {
  const about = `transaction ${txn.header.zxid}`;
  if (ops.length !== parts.length) return `${about} has ${parts.length} parts of ${ops.length}`;
  for (const [i, op] of ops.entries()) {
    const part = parts[i]!;
    const problem = judgePart(scratch, session, op, part, `part ${i} of ${about}`);
    if (problem !== null) return problem;
    if (part.type === Opcode.Error) {
      // Behind the first failure nothing was looked at.
      const rest = parts.slice(i + 1);
      return rest.every(({ type }) => type === Opcode.Error)
        ? null
        : `${about} goes on after an error`;
    }
    scratch.applyPart(txn, part);
  }
  return null;
}

function judgePart(
  model: ModelTree,
  session: bigint,
  op: MultiOp,
  part: PartTxn,
  about: string,
): string | null {
  const expected = refusalOf(model, session, op);
  const logged = part.type === Opcode.Error ? part.body.err : ErrorCode.Ok;
  if (logged !== expected) return `${about} was decided as ${logged} and should be ${expected}`;
  if (part.type === Opcode.Error) return null;
  if (isCreation(op) && op.type === part.type) {
    const made = part.body as { readonly path: string };
    const path = pathOf(model, op);
    return made.path === path ? null : `${about} made ${made.path} and should make ${path}`;
  }
  if (op.type === Opcode.SetData && part.type === Opcode.SetData) {
    const version = model.nodes.get(op.body.path)!.stat.version + 1;
    return part.body.version === version ? null : `${about} made version ${part.body.version}`;
  }
  return part.type === op.type ? null : `${about} is of type ${part.type}, asked was ${op.type}`;
}

/** The code with which it must be refused, or Ok. */
function refusalOf(model: ModelTree, session: bigint, op: MultiOp): number {
  if (isCreation(op)) return refusalOfCreate(model, session, op);
  if (op.type !== Opcode.Check && !isOpen(model, session)) return ErrorCode.SessionExpired;
  const { path } = op.body;
  const node = model.nodes.get(path);
  if (node === undefined) return ErrorCode.NoNode;
  const wanted = 'version' in op.body ? op.body.version : ANY_VERSION;
  if (wanted !== ANY_VERSION && wanted !== node.stat.version) return ErrorCode.BadVersion;
  if (op.type === Opcode.Delete && model.childrenOf(path).length > 0) return ErrorCode.NotEmpty;
  return ErrorCode.Ok;
}

function refusalOfCreate(model: ModelTree, session: bigint, op: Creation): number {
  if (!isOpen(model, session)) return ErrorCode.SessionExpired;
  // Nobody would ever hear of its end.
  if (isEphemeral(op) && model.isLocal(asSessionId(session))) return ErrorCode.SessionExpired;
  const parent = model.nodes.get(parentOf(op.body.path));
  if (parent === undefined) return ErrorCode.NoNode;
  if (model.nodes.has(pathOf(model, op))) return ErrorCode.NodeExists;
  return isOfSession(parent) ? ErrorCode.NoChildrenForEphemerals : ErrorCode.Ok;
}

export function isEphemeral({ body: { flags } }: Creation): boolean {
  return flags === CreateFlags.Ephemeral || flags === CreateFlags.EphemeralSequential;
}

export function isCreation(op: { readonly type: number }): op is MultiOp & Creation {
  return (
    op.type === Opcode.Create ||
    op.type === Opcode.Create2 ||
    op.type === Opcode.CreateContainer ||
    op.type === Opcode.CreateTtl
  );
}

/** The path a node gets: with a number behind it where that was asked for. */
function pathOf(model: ModelTree, op: Creation): string {
  const { path, flags } = op.body;
  const isNumbered =
    flags === CreateFlags.PersistentSequential || flags === CreateFlags.EphemeralSequential;
  if (!isNumbered) return path;
  const { cversion } = model.nodes.get(parentOf(path))!.stat;
  return path + String(cversion).padStart(SEQUENCE_DIGITS, '0');
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 1));
}

function isOpen(model: ModelTree, session: bigint): boolean {
  return model.isOpen(asSessionId(session));
}

function isSessionRecord(type: number): boolean {
  return type === Opcode.CreateSession || type === Opcode.CloseSession;
}
