/**
 * Whether sessions end when they are said to: nobody is told that its session is lost while it lives,
 * no ended session comes back, and a wrong password opens nothing and gives nothing away.
 */
import { Opcode, type Transaction } from '@zabra/wire';
import type { Journal, SessionLife } from '../../people/journal.ts';
import type { ProposedAt } from '../expiry.ts';

/** In a greeting: behind its version, its timeout, its session and sixteen bytes of a password. */
const READ_ONLY_AT = 36;

/** When a session was ended in the log; undefined if it never was. */
type EndOf = (session: bigint) => { readonly zxid: bigint; readonly atMs: number } | undefined;

export function judgeLostSessions(
  { sessions, refusals }: Journal,
  transactions: readonly Transaction[],
  proposedAt: ProposedAt,
  knownAt: (zxid: bigint) => number,
  /** Whether there are sessions that only their servers know of. */
  hasLocal = false,
): string[] {
  const ends = new Map<bigint, { zxid: bigint; atMs: number }>();
  const begun = new Map<bigint, bigint>();
  for (const { header, record } of transactions) {
    const { zxid } = header;
    if (record.type === Opcode.CreateSession) begun.set(header.clientId, zxid);
    if (record.type !== Opcode.CloseSession) continue;
    ends.set(header.clientId, { zxid, atMs: proposedAt(zxid) ?? Number.NEGATIVE_INFINITY });
  }
  const endOf: EndOf = (session) => ends.get(BigInt.asIntN(64, session));
  const mayBeUnknown = (session: bigint, atMs: number): boolean => {
    const zxid = begun.get(BigInt.asIntN(64, session));
    return hasLocal && (zxid === undefined || atMs <= knownAt(zxid));
  };
  const violations = sessions.flatMap((life) => judgeLife(life, endOf, knownAt, mayBeUnknown));
  const [first] = refusals;
  if (first !== undefined && !refusals.every((one) => isSame(one, first))) {
    violations.push('refusals differ: they tell a wrong password from a session that is no more');
  }
  return violations;
}

/** Where a session is its server's alone, others know nothing of it (`session-kinds.ts`). */
function judgeLife(
  life: SessionLife,
  endOf: EndOf,
  knownAt: (zxid: bigint) => number,
  mayBeUnknown: (session: bigint, atMs: number) => boolean,
): string[] {
  const violations: string[] = [];
  const name = `session ${life.id.toString(16)} of client ${life.client}`;
  for (const heard of life.heard) {
    if (heard.kind === 'connected') {
      const { hello, session } = heard;
      const end = endOf(session);
      if (life.isImpostor) violations.push(`a wrong password opened ${name}`);
      if (hello.session !== 0n && hello.session !== session) {
        violations.push(`session ${hello.session.toString(16)} came back as ${name}`);
      }
      if (end !== undefined && hello.atMs > knownAt(end.zxid)) {
        violations.push(`${name} came back, and had ended at ${end.zxid}`);
      }
    } else if (heard.kind === 'refused' && heard.hello.session !== 0n && !life.isImpostor) {
      const { session, atMs } = heard.hello;
      const end = endOf(session);
      if (mayBeUnknown(session, atMs)) continue;
      if (end === undefined || end.atMs > heard.atMs) {
        violations.push(`${name} was told that it has ended, and it lives`);
      }
    }
  }
  return violations;
}

/** But for the byte by which a server says that it only reads, whoever asks. */
function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return (
    one.length === other.length && one.every((byte, i) => byte === other[i] || i === READ_ONLY_AT)
  );
}
