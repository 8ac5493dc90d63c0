/**
 * Nobody's session ends while it lives: between the last request that a server is known to have heard
 * and the decision to end the session lies at least the time that was granted. Whoever was answered
 * was heard; the sender's moment is the earliest at which that can have been. In an ensemble the
 * leader may hear of it later, from the server that did.
 */
import { Opcode, type Transaction } from '@zabra/wire';
import type { Operation, SessionLife } from '../people/journal.ts';

/** When a server sent a transaction to its disk; undefined where that is not known. */
export type ProposedAt = (zxid: bigint) => number | undefined;

/** Clocks are numbers with a fraction. */
const MARGIN_MS = 1;

export function judgeExpiry(
  lives: readonly SessionLife[],
  transactions: readonly Transaction[],
  zxids: ReadonlyMap<Operation, bigint>,
  proposedAt: ProposedAt,
  lateMs = 0,
): string[] {
  const asked = new Set(zxids.values());
  return transactions.flatMap(({ header, record }) => {
    const { clientId } = header;
    const isExpiry = record.type === Opcode.CloseSession && !asked.has(header.zxid);
    // A session may have several handles, and some were never greeted.
    const handles = isExpiry
      ? lives.filter(({ id, timeoutMs }) => id === clientId && timeoutMs > 0)
      : [];
    if (handles.length === 0) return [];
    const endedMs = proposedAt(header.zxid) ?? Number.POSITIVE_INFINITY;
    const heardMs = Math.max(...handles.map((life) => lastHeard(life, endedMs)));
    const { timeoutMs } = handles.at(-1)!;
    if (endedMs - heardMs + lateMs + MARGIN_MS >= timeoutMs) return [];
    const afterMs = Math.round(endedMs - heardMs);
    return [`session ${clientId.toString(16)} was ended after ${afterMs} ms and had ${timeoutMs}`];
  });
}

/** The moment of the last request before then that was answered. */
function lastHeard(life: SessionLife, beforeMs: number): number {
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const { answer, invokedMs } of life.sent) {
    if (answer !== null && invokedMs < beforeMs && invokedMs > lastMs) lastMs = invokedMs;
  }
  for (const ms of life.pingedMs) if (ms < beforeMs && ms > lastMs) lastMs = ms;
  return lastMs;
}
