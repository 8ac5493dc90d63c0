/**
 * Whether every request had the end that it was told: exactly one, none with an answer thrown away,
 * none called unsent that had left, and none ahead of one that was asked before it.
 */
import type { Completion } from '@zabra/client/session';
import type { Operation, SessionLife } from '../../people/journal.ts';

/** These ends are told at once, whatever waits before them. */
const atOnce: ReadonlySet<string> = new Set(['full', 'request-too-large', 'closed', 'abandoned']);

export function judgeToldEnds(life: SessionLife): string[] {
  const violations: string[] = [];
  const name = `session ${life.id.toString(16)} of client ${life.client}`;
  const sent = new Map<number, Operation>();
  for (const operation of life.sent) {
    if (operation.wish !== null) sent.set(operation.wish.token, operation);
  }
  const wished = new Set(life.wishes.map(({ token }) => token));
  const unwatched = new Set(life.unwatched.map(({ token }) => token));
  const answeredAt = indexOfReplies(life);
  const ended = new Set<number>();
  const ends: number[] = [];
  let last = 0;
  let isOver = false;
  for (const { report, heardCount } of life.told) {
    if (report.kind !== 'completion') {
      isOver ||=
        report.kind === 'lost' || report.kind === 'closed' || report.kind === 'auth-failed';
      continue;
    }
    const { token, outcome } = report;
    if (unwatched.has(token)) ends.push(token);
    if (!wished.has(token)) continue;
    if (ended.has(token)) violations.push(`${name} ended request ${token} twice`);
    ended.add(token);
    const problem = judgeEnd(report, sent.get(token), answeredAt, heardCount);
    if (problem !== null) violations.push(`${name} ended request ${token} as ${problem}`);
    if (atOnce.has(outcome)) continue;
    if (token < last) violations.push(`${name} ended request ${token} behind ${last}`);
    last = token;
  }
  // Behind the end nothing is owed; before it, nothing that was asked before what was told last.
  const forgotten = life.wishes.find(({ token }) => !ended.has(token) && (isOver || token < last));
  if (forgotten !== undefined) violations.push(`${name} never ended request ${forgotten.token}`);
  if (new Set(ends).size < ends.length) violations.push(`${name} removed watches twice`);
  if (isOver && ends.length < unwatched.size) violations.push(`${name} never removed watches`);
  return violations;
}

function judgeEnd(
  { outcome, maybeApplied, body }: Completion,
  operation: Operation | undefined,
  answeredAt: ReadonlyMap<Operation, number>,
  heardCount: number,
): string | null {
  if (outcome === 'answered') {
    if (operation?.answer === undefined || operation.answer === null) return 'answered, by nobody';
    const isTold = operation.answer.error !== 0 || body !== null;
    return isTold && (body === null || isSame(body, operation.answer.body))
      ? null
      : 'answered, with another answer';
  }
  if (!maybeApplied) {
    return operation === undefined ? null : `${outcome} and never sent, and it was sent`;
  }
  if (operation === undefined) return `${outcome} and perhaps done, and it was never sent`;
  const at = answeredAt.get(operation) ?? Number.POSITIVE_INFINITY;
  return at < heardCount ? `${outcome}, and it had been answered` : null;
}

function indexOfReplies({ heard }: SessionLife): ReadonlyMap<Operation, number> {
  const at = new Map<Operation, number>();
  for (const [i, one] of heard.entries()) if (one.kind === 'reply') at.set(one.operation, i);
  return at;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}
