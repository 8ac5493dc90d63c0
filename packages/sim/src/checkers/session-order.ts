/**
 * What one session may rely on: what it sees never goes back, its writes happen in the order in which
 * it sent them, none is left out in the middle, and behind a sync it sees whatever was complete
 * before. A term begins with a zxid of its own: whoever has seen that has seen what the last
 * transaction before it led to, which servers may call by its own zxid.
 */
import { Opcode } from '@zabra/wire';
import type { Operation, SessionLife } from '../people/journal.ts';
import { isWrite, type VersionOrder } from './version-order.ts';

/** What has become of operations, as far as their sessions are concerned. */
type Done = Pick<VersionOrder, 'zxids' | 'leftBehind' | 'mayBeRefused'>;

export function judgeSession(
  life: SessionLife,
  done: Done,
  completedBefore: (atMs: number) => bigint,
  pointOf: (zxid: bigint) => bigint = (zxid) => zxid,
): string[] {
  return [...seenInOrder(life, completedBefore, pointOf), ...doneInOrder(life, done)];
}

function seenInOrder(
  life: SessionLife,
  completedBefore: (atMs: number) => bigint,
  pointOf: (zxid: bigint) => bigint,
): string[] {
  const violations: string[] = [];
  let seen = 0n;
  let synced = 0n;
  let connection = 0;
  for (const heard of life.heard) {
    if (heard.kind === 'connected') {
      connection = heard.hello.connection;
      synced = 0n;
    }
    if (heard.kind !== 'reply') continue;
    const { ask, answer, invokedMs } = heard.operation;
    // A proof is answered at once, as of nothing.
    if (ask.type === Opcode.Auth) continue;
    const { error } = answer!;
    const zxid = pointOf(answer!.zxid);
    if (zxid < seen) violations.push(`${name(life)} saw ${zxid} behind ${seen}`);
    if (zxid < synced) {
      violations.push(`${name(life)} saw ${zxid} on connection ${connection}, synced to ${synced}`);
    }
    seen = zxid > seen ? zxid : seen;
    if (ask.type !== Opcode.Sync || error !== 0) continue;
    const bound = completedBefore(invokedMs);
    if (bound > synced) synced = bound;
  }
  return violations;
}

/** A session's end is the one thing that is still done behind what was left behind. */
function doneInOrder(life: SessionLife, { zxids, leftBehind, mayBeRefused }: Done): string[] {
  const violations: string[] = [];
  let last = 0n;
  let skipped: Operation[] = [];
  for (const operation of life.sent) {
    if (!isWrite(operation)) continue;
    const zxid = zxids.get(operation);
    if (zxid === undefined) {
      if (!mayBeRefused.has(operation)) skipped.push(operation);
      continue;
    }
    const isEnd = operation.ask.type === Opcode.CloseSession;
    const left = skipped.find(
      (one) => one.connection === operation.connection && !(isEnd && leftBehind.has(one)),
    );
    if (left !== undefined) {
      violations.push(`${name(life)} had ${operation.xid} done and not ${left.xid} before it`);
    }
    if (zxid < last) violations.push(`${name(life)} had ${zxid} done behind ${last}`);
    last = zxid;
    skipped = [];
  }
  return violations;
}

/**
 * A session that is on a newer connection does nothing more on an older one, whoever holds either:
 * what was asked on the older has become a transaction before that on the newer, or never does. Its end
 * alone may be asked for by either; whose session it is, is not asked then, as by Apache's leaders.
 */
export function judgeHandles(
  lives: readonly SessionLife[],
  zxids: ReadonlyMap<Operation, bigint>,
): string[] {
  const violations: string[] = [];
  for (const handles of handlesOf(lives)) {
    const connections = handles.flatMap((life) => connectionsOf(life, zxids));
    for (const older of connections) {
      for (const newer of connections) {
        if (older.greetedMs >= newer.helloMs || older.last <= newer.first) continue;
        violations.push(
          `${name(handles[0]!)} had ${older.last} done on connection ${older.number} ` +
            `behind ${newer.first} on connection ${newer.number}`,
        );
      }
    }
  }
  return violations;
}

interface Worked {
  readonly number: number;
  readonly helloMs: number;
  readonly greetedMs: number;
  /** Of its transactions. */
  readonly first: bigint;
  readonly last: bigint;
}

/** Sessions that had several handles, by their handles. */
function handlesOf(lives: readonly SessionLife[]): SessionLife[][] {
  const byId = new Map<bigint, SessionLife[]>();
  for (const life of lives) {
    if (life.isImpostor || life.sent.length === 0) continue;
    const handles = byId.get(life.id);
    if (handles === undefined) byId.set(life.id, [life]);
    else handles.push(life);
  }
  return [...byId.values()].filter(({ length }) => length > 1);
}

function connectionsOf(life: SessionLife, zxids: ReadonlyMap<Operation, bigint>): Worked[] {
  return life.heard.flatMap((heard) => {
    if (heard.kind !== 'connected') return [];
    const { connection: number, atMs: helloMs } = heard.hello;
    const done = life.sent
      .filter(({ connection, ask }) => connection === number && ask.type !== Opcode.CloseSession)
      .flatMap((operation) => zxids.get(operation) ?? []);
    if (done.length === 0) return [];
    return [{ number, helloMs, greetedMs: heard.atMs, first: done[0]!, last: done.at(-1)! }];
  });
}

/** The largest zxid of all that was answered before a moment. */
export function completionOf(operations: readonly Operation[]): (atMs: number) => bigint {
  const answered = operations.filter((one) => isWrite(one) && one.answer !== null);
  answered.sort((a, b) => a.answer!.atMs - b.answer!.atMs);
  const times = answered.map(({ answer }) => answer!.atMs);
  let largest = 0n;
  const bounds = answered.map(({ answer }) => {
    if (answer!.zxid > largest) largest = answer!.zxid;
    return largest;
  });
  return (atMs) => {
    const at = firstIndex(times.length, (i) => times[i]! >= atMs);
    return at === 0 ? 0n : bounds[at - 1]!;
  };
}

/** The first index of which it is so, being so of all behind it; the length if it is so of none. */
function firstIndex(length: number, isSo: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isSo(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The first moment at which anybody saw a zxid, or a later one; never is infinity. */
export function knowledgeOf(operations: readonly Operation[]): (zxid: bigint) => number {
  const answered = operations.filter(({ answer }) => answer !== null);
  answered.sort((a, b) => (a.answer!.zxid < b.answer!.zxid ? -1 : 1));
  const zxids = answered.map(({ answer }) => answer!.zxid);
  const moments = answered.map(({ answer }) => answer!.atMs);
  for (let i = moments.length - 2; i >= 0; i -= 1) {
    moments[i] = Math.min(moments[i]!, moments[i + 1]!);
  }
  return (zxid) => {
    const at = firstIndex(zxids.length, (i) => zxids[i]! >= zxid);
    return at === zxids.length ? Number.POSITIVE_INFINITY : moments[at]!;
  };
}

function name({ id, client }: SessionLife): string {
  return `session ${id.toString(16)} of client ${client}`;
}
