/**
 * Nobody's session ends while it lives: between the last request that a server is known to have heard
 * and the decision to end the session lies at least the time that was granted. Whoever was answered
 * was heard; the sender's moment is the earliest at which that can have been.
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
): string[] {
  const asked = new Set(zxids.values());
  const byId = new Map(lives.map((life) => [life.id, life]));
  return transactions.flatMap(({ header, record }) => {
    const life = byId.get(header.clientId);
    const isExpiry = record.type === Opcode.CloseSession && !asked.has(header.zxid);
    if (!isExpiry || life === undefined) return [];
    const endedMs = proposedAt(header.zxid) ?? Number.POSITIVE_INFINITY;
    const heardMs = lastHeard(life, endedMs);
    if (endedMs - heardMs + MARGIN_MS >= life.timeoutMs) return [];
    const afterMs = Math.round(endedMs - heardMs);
    return [
      `session ${life.id.toString(16)} was ended after ${afterMs} ms and had ${life.timeoutMs}`,
    ];
  });
}

/** The moment of the last request before then that was answered. */
function lastHeard(life: SessionLife, beforeMs: number): number {
  const requests = life.sent.filter(({ answer }) => answer !== null);
  const moments = [...requests.map(({ invokedMs }) => invokedMs), ...life.pingedMs];
  return Math.max(Number.NEGATIVE_INFINITY, ...moments.filter((ms) => ms < beforeMs));
}
