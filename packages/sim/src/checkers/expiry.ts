/**
 * Nobody's session ends while it lives: between the last request that a server is known to have heard
 * and the decision to end the session lies at least the time that was granted. Whoever was answered
 * was heard; the sender's moment is the earliest at which that can have been.
 *
 * In an ensemble it is the leader who ends sessions, and it may never hear of what another server heard
 * last, be it that this is on its way or that the two have lost each other. Before that it was told.
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
  /** For so long a server may hear of a session though the leader does not. */
  unheardMs = 0,
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
    const heardMs = Math.max(...handles.map((life) => lastHeard(life, endedMs, unheardMs)));
    const { timeoutMs } = handles.at(-1)!;
    if (endedMs - heardMs + MARGIN_MS >= timeoutMs) return [];
    const afterMs = Math.round(endedMs - heardMs);
    return [`session ${clientId.toString(16)} was ended after ${afterMs} ms and had ${timeoutMs}`];
  });
}

/** The moment of the last request before then that was answered and that the leader must know of. */
function lastHeard(life: SessionLife, beforeMs: number, unheardMs: number): number {
  const moments = [...life.pingedMs];
  for (const { answer, invokedMs } of life.sent) if (answer !== null) moments.push(invokedMs);
  const heard = moments.filter((ms) => ms < beforeMs);
  const untilMs = Math.max(...heard) - unheardMs;
  return Math.max(openedMs(life), ...heard.filter((ms) => ms <= untilMs));
}

/** When the session was asked for: that it began is the leader's own doing. */
function openedMs({ heard: [first] }: SessionLife): number {
  const isNew = first?.kind === 'connected' && first.hello.session === 0n;
  return isNew ? first.hello.atMs : Number.NEGATIVE_INFINITY;
}
