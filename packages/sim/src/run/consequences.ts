/** What came about in a world that nobody has struck, counted when it is over. */
import { Opcode, type Transaction } from '@zabra/wire';
import type { Plan } from './plan.ts';
import { EXTREME_IDS } from './topology.ts';
import type { Universe } from './universe.ts';

/** Above it there are whole numbers that no double is. */
const EXACT_MAX = BigInt(Number.MAX_SAFE_INTEGER);
const COUNTER_MASK = 0xffff_ffffn;

export function noteConsequences(
  universe: Universe,
  plan: Plan,
  transactions: readonly Transaction[],
): void {
  const { journal, ledger, ensemble } = universe;
  const { operations } = journal;
  const asksFor = (type: number): number =>
    operations.filter(({ ask }) => ask.type === type).length;
  ledger.note('F-C05', operations.filter(({ answer }) => answer === null).length);
  ledger.note('F-C06', asksFor(Opcode.SetWatches));
  ledger.note('F-C08', asksFor(Opcode.CloseSession));
  if (ensemble === null) return;
  ledger.note(
    'F-C07',
    universe.clients.filter(({ silentAt }) => isLearner(universe, silentAt)).length,
  );
  ledger.note('F-X03', ensemble.ids.filter((id) => EXTREME_IDS.includes(id) && id > 2).length);
  const partsLost = ['leading', 'following', 'observing'].map((role) =>
    ledger.of(`server: ${role} → looking`),
  );
  ledger.note(
    'F-P08',
    partsLost.reduce((sum, count) => sum + count, 0),
  );
  const changes = transactions.filter(({ record }) => record.type === Opcode.Reconfig);
  ledger.note('members: changed', changes.length);
  noteSessions(universe, plan, transactions);
  const zxids = transactions.map(({ header }) => header.zxid);
  const last = BigInt(ensemble.peer.proposalsMax);
  ledger.note('F-X01', zxids.filter((zxid) => (zxid & COUNTER_MASK) >= last).length);
  ledger.note('F-X05', zxids.filter((zxid) => zxid > EXACT_MAX).length);
}

/** Which sessions were a server's alone, which became the ensemble's, and who was greeted to read only. */
function noteSessions(universe: Universe, plan: Plan, transactions: readonly Transaction[]): void {
  const { ledger } = universe;
  const greetings = universe.journal.sessions.flatMap(({ heard }) =>
    heard.filter((one) => one.kind === 'connected'),
  );
  const begun = new Set(
    transactions
      .filter(({ record }) => record.type === Opcode.CreateSession)
      .map(({ header }) => BigInt.asUintN(64, header.clientId)),
  );
  const births = greetings.filter(({ hello }) => hello.session === 0n);
  const { areLocal, upgrades } = plan.sessions;
  const known = births.filter(({ session }) => begun.has(BigInt.asUintN(64, session))).length;
  ledger.note('sessions: local', areLocal ? births.length - known : 0);
  ledger.note('sessions: upgraded', upgrades ? known : 0);
  ledger.note('sessions: of readers', greetings.filter((one) => one.isReadOnly === true).length);
}

function isLearner({ servers }: Universe, host: number | null): boolean {
  const role = host === null ? null : servers[host]!.standing?.role;
  return role === 'following' || role === 'observing';
}
