/**
 * The main check. The order of all writes is known, from the logs; so it is replayed on a model,
 * request by request, and each answer is held against the model at its own zxid. What comes out is
 * linearizable if besides no write is ordered before one that was complete when it was asked for.
 */
import { asZxid, ErrorCode, Opcode, type Transaction, zxidCounter, zxidEpoch } from '@zabra/wire';
import type { Operation } from '../people/journal.ts';
import { Changes } from './changes.ts';
import { judgeReply } from './judge-reply.ts';
import type { ModelMembers } from './model-members.ts';
import { judgeRead } from './model-reads.ts';
import { isCreation, isEphemeral, judgeOutcome } from './model-requests.ts';
import { ModelTree } from './model-tree.ts';

export interface VersionOrder {
  readonly violations: readonly string[];
  /** The tree at the end. */
  readonly model: ModelTree;
  readonly changes: Changes;
  /** The zxid that each operation got that has become a transaction. */
  readonly zxids: ReadonlyMap<Operation, bigint>;
  /** Those that came late by a connection that was left, and were refused for it. */
  readonly leftBehind: ReadonlySet<Operation>;
  /** Those that a server may have refused by itself, though nobody has heard of it. */
  readonly mayBeRefused: ReadonlySet<Operation>;
}

/** Whether a session is one of those whose requests nobody has taken down. */
type IsStranger = (session: bigint) => boolean;

export interface ReplayOptions {
  readonly isStranger?: IsStranger;
  /** Whether the wall clocks of all servers show the same. */
  readonly trustsClocks?: boolean;
  /** Null where nobody may change the members. */
  readonly members?: ModelMembers | null;
  /** Whether servers have sessions that nobody else knows of. */
  readonly knowsLocal?: boolean;
  /** Whether such a session is refused nodes of its own. */
  readonly refusesEphemerals?: boolean;
}

export function replay(
  transactions: readonly Transaction[],
  operations: readonly Operation[],
  options: ReplayOptions = {},
): VersionOrder {
  const { isStranger = () => false, trustsClocks = true, members, knowsLocal } = options;
  const { refusesEphemerals = false } = options;
  const violations: string[] = [];
  const model = new ModelTree(knowsLocal);
  const changes = new Changes();
  const zxids = new Map<Operation, bigint>();
  const leftBehind = new Set<Operation>();
  const opened = new Set<bigint>();
  const asked = new Map(operations.map((one) => [keyOf(one.session, one.xid, one.ask.type), one]));
  const reads = operations.filter((one) => one.answer !== null && !isWrite(one));
  reads.sort((a, b) => (a.answer!.zxid < b.answer!.zxid ? -1 : 1));
  let nextRead = 0;
  const readUpTo = (zxid: bigint): void => {
    for (; nextRead < reads.length; nextRead += 1) {
      const { ask, answer, session } = reads[nextRead]!;
      if (answer!.zxid >= zxid) return;
      note(violations, judgeRead(model, session, ask, answer!));
    }
  };
  for (const txn of transactions) {
    const { zxid, clientId, cxid } = txn.header;
    readUpTo(zxid);
    members?.enter(zxidEpoch(zxid));
    const operation = asked.get(keyOf(clientId, cxid, txn.record.type));
    if (operation !== undefined && isLeftBehind(model, operation, txn)) {
      leftBehind.add(operation);
    } else if (operation !== undefined) {
      if (zxids.has(operation)) violations.push(`request ${cxid} of ${clientId} was done twice`);
      zxids.set(operation, zxid);
      note(violations, judgeOutcome(model, operation, txn, members ?? null));
      note(violations, judgeAnswer(operation, txn));
    } else if (isAsked(txn) && !isStranger(clientId)) {
      violations.push(`nobody has asked for transaction ${zxid}`);
    }
    if (txn.record.type === Opcode.CreateSession) {
      if (opened.has(clientId)) violations.push(`session ${clientId} was given out twice`);
      opened.add(clientId);
    }
    if (trustsClocks) note(violations, model.judgeReaping(txn));
    members?.apply(txn);
    changes.add(txn, model);
    note(violations, model.apply(txn));
  }
  const last = transactions.at(-1)?.header.zxid ?? 0n;
  readUpTo(last + 1n);
  for (const { ask, answer, client, session } of reads.slice(nextRead)) {
    const { zxid } = answer!;
    // A term begins with a zxid of its own, before its first transaction.
    if (zxidCounter(asZxid(zxid)) === 0) note(violations, judgeRead(model, session, ask, answer!));
    else violations.push(`client ${client} was answered as of ${zxid}, the log ends at ${last}`);
  }
  violations.push(...lost(operations, zxids), ...outOfTime(operations, zxids));
  const mayBeRefused = new Set(
    refusesEphemerals ? operations.filter((one) => isUnheardEphemeral(one, zxids)) : [],
  );
  return { violations, model, changes, zxids, leftBehind, mayBeRefused };
}

function isUnheardEphemeral(operation: Operation, zxids: ReadonlyMap<Operation, bigint>): boolean {
  const { ask, answer } = operation;
  return answer === null && !zxids.has(operation) && isCreation(ask) && isEphemeral(ask);
}

/** What a server refuses by itself, whatever the others would say of it. */
const refusedAtOnce: readonly number[] = [ErrorCode.NotReadOnly, ErrorCode.EphemeralOnLocalSession];

export function isWrite({ ask, answer }: Operation): boolean {
  if (answer !== null && refusedAtOnce.includes(answer.error)) return false;
  return (
    ask.type === Opcode.Create ||
    ask.type === Opcode.Create2 ||
    ask.type === Opcode.CreateContainer ||
    ask.type === Opcode.CreateTtl ||
    ask.type === Opcode.Delete ||
    ask.type === Opcode.SetData ||
    ask.type === Opcode.Multi ||
    ask.type === Opcode.Reconfig ||
    ask.type === Opcode.CloseSession
  );
}

/** Only a session's end is numbered by whoever ends it. */
function keyOf(session: bigint, xid: number, type: number): string {
  const isEnd = type === Opcode.CloseSession ? 'end' : '';
  return `${BigInt.asIntN(64, session)} ${xid}${isEnd}`;
}

/** Sessions begin and end without anybody's request, and what is to go by itself is the server's. */
function isAsked({ header, record }: Transaction): boolean {
  if (header.clientId === 0n) return record.type !== Opcode.DeleteContainer && !isError(record);
  return record.type !== Opcode.CreateSession && record.type !== Opcode.CloseSession;
}

function isError({ type }: Transaction['record']): boolean {
  return type === Opcode.Error;
}

/**
 * Came late by a connection that its session had left, and was refused for that, or because the
 * session has ended on a newer one since; nothing was done. Leaders of Apache's tell it of the first
 * part of a multi.
 */
function isLeftBehind(model: ModelTree, { answer }: Operation, txn: Transaction): boolean {
  const { header, record } = txn;
  const first = record.type === Opcode.Multi ? record.body.txns[0] : record;
  if (answer !== null || first?.type !== Opcode.Error) return false;
  const { err } = first.body;
  const hasEnded = err === ErrorCode.SessionExpired && !model.isOpen(header.clientId);
  return err === ErrorCode.SessionMoved || hasEnded;
}

function judgeAnswer({ answer, ask, xid, session }: Operation, txn: Transaction): string | null {
  if (answer === null || ask.type === Opcode.CloseSession) return null;
  if (answer.zxid !== txn.header.zxid) {
    return `request ${xid} of ${session} became ${txn.header.zxid} and was told ${answer.zxid}`;
  }
  return judgeReply({ opcode: ask.type, xid, session, isSequential: false }, answer, txn);
}

/** Acknowledged and not in any log. */
function lost(operations: readonly Operation[], zxids: ReadonlyMap<Operation, bigint>): string[] {
  return operations
    .filter((one) => isWrite(one) && one.answer?.error === 0 && !zxids.has(one))
    .filter(({ ask }) => ask.type !== Opcode.CloseSession)
    .map(
      ({ answer, client }) => `${answer!.zxid} was acknowledged to client ${client} and is lost`,
    );
}

/** Writes that are ordered before others that were complete when they were asked for. */
function outOfTime(
  operations: readonly Operation[],
  zxids: ReadonlyMap<Operation, bigint>,
): string[] {
  // A session that only its server knows ends without anybody else.
  const writes = operations.filter((one) => {
    const isOrdered = one.ask.type !== Opcode.CloseSession || zxids.has(one);
    return one.answer !== null && isOrdered && isWrite(one);
  });
  const byEnd = [...writes].sort((a, b) => a.answer!.atMs - b.answer!.atMs);
  const byStart = [...writes].sort((a, b) => a.invokedMs - b.invokedMs);
  const violations: string[] = [];
  let completed = 0n;
  let next = 0;
  for (const { invokedMs, answer } of byStart) {
    for (; next < byEnd.length && byEnd[next]!.answer!.atMs < invokedMs; next += 1) {
      const { zxid } = byEnd[next]!.answer!;
      if (zxid > completed) completed = zxid;
    }
    if (answer!.zxid <= completed) {
      violations.push(`${answer!.zxid} was asked for when ${completed} was complete`);
    }
  }
  return violations;
}

function note(violations: string[], problem: string | null): void {
  if (problem !== null) violations.push(problem);
}
