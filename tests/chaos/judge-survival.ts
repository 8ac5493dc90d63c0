/**
 * Nobody's session ends while it lives: between the last request that a server is known to have heard
 * and the end that nobody asked for lies at least the timeout, less what a touch may take to come to
 * the leader. And whoever was turned away with its session had one that has ended.
 */
import type { SessionLife, VersionOrder } from '@zabra/sim/checkers';
import { Opcode, type Transaction } from '@zabra/wire';
import type { History } from './history.ts';

export function judgeSurvival(
  { journal, refused }: History,
  order: VersionOrder,
  transactions: readonly Transaction[],
  tickMs: number,
): string[] {
  const violations: string[] = [];
  const asked = new Set(order.zxids.values());
  const lives = new Map(journal.sessions.map((life) => [BigInt.asIntN(64, life.id), life]));
  const ended = new Set<bigint>();
  for (const { header, record } of transactions) {
    if (record.type !== Opcode.CloseSession) continue;
    ended.add(header.clientId);
    const life = lives.get(header.clientId);
    if (life === undefined || asked.has(header.zxid)) continue;
    const silentMs = Number(header.time) - lastHeard(life, Number(header.time));
    if (silentMs + tickMs >= life.timeoutMs) continue;
    violations.push(
      `session ${life.id.toString(16)} was ended after ${Math.round(silentMs)} ms of silence, ` +
        `and had ${life.timeoutMs}`,
    );
  }
  for (const id of refused.keys()) {
    if (ended.has(BigInt.asIntN(64, id))) continue;
    violations.push(`session ${id.toString(16)} was turned away and has not ended`);
  }
  return violations;
}

/** The moment of the last request before then that was answered. */
function lastHeard(life: SessionLife, beforeMs: number): number {
  let lastMs = Number.NEGATIVE_INFINITY;
  const consider = (ms: number): void => {
    if (ms < beforeMs && ms > lastMs) lastMs = ms;
  };
  for (const { answer, invokedMs } of life.sent) if (answer !== null) consider(invokedMs);
  for (const ms of life.pingedMs) consider(ms);
  return lastMs;
}
