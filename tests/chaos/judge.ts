/**
 * Judges a history by nothing but its files: what clients sent and heard, the logs of all members,
 * and what was found in the end. The rules are those by which simulated worlds are judged.
 */
import { join } from 'node:path';
import {
  completionOf,
  digestOf,
  judgeSession,
  judgeWatches,
  type Operation,
  replay,
  type SessionLife,
  type VersionOrder,
} from '@zabra/sim/checkers';
import {
  CreateFlags,
  decodeCreateResponse,
  JuteReader,
  Opcode,
  type Transaction,
} from '@zabra/wire';
import { type Chain, chainOf, hex, readLogs } from './chain.ts';
import { type Finding, readFindings } from './findings.ts';
import { type History, historyOf } from './history.ts';
import { judgeFindings, strayDigests } from './judge-findings.ts';
import { judgeSurvival } from './judge-survival.ts';
import { readRecord } from './record.ts';

/** Shorter ones are the ordinary pace of work. */
const OUTAGE_MS = 1000;

export interface Evidence {
  readonly history: History;
  readonly chain: Chain;
  readonly findings: readonly Finding[];
  /** A touch of a session takes so long at most to come to the leader. */
  readonly tickMs: number;
}

export interface Verdict {
  readonly violations: readonly string[];
  readonly figures: Readonly<Record<string, number>>;
}

/** Below the root lies a folder for each member. */
export async function readEvidence(root: string, tickMs: number): Promise<Evidence> {
  const findings = await readFindings(root);
  const logs = new Map(
    await Promise.all(
      findings.map(async ({ member }) => {
        const log = await readLogs(join(root, `${member}`, 'data'));
        return [member, log] as const;
      }),
    ),
  );
  const history = historyOf(await readRecord(root));
  return { history, chain: chainOf(logs), findings, tickMs };
}

export function judge({ history, chain, findings, tickMs }: Evidence): Verdict {
  const { journal } = history;
  const { transactions } = chain;
  const known = new Set(journal.sessions.map(({ id }) => BigInt.asIntN(64, id)));
  const order = replay(transactions, journal.operations, {
    isStranger: (session) => !known.has(session),
  });
  const completedBefore = completionOf(journal.operations);
  const violations = [
    ...journal.violations,
    ...chain.violations,
    ...order.violations,
    ...journal.sessions
      .map((life) => withoutSyncs(life, history.foreign))
      .flatMap((life) => judgeSession(life, order, completedBefore)),
    ...journal.sessions.flatMap((life) => judgeWatches(life, order.changes)),
    ...judgeNumbers(history),
    ...judgeSurvival(history, order, transactions, tickMs),
    ...judgeDigest(order, transactions),
    ...judgeFindings(findings, order.model),
  ];
  const figures = { ...figuresOf(history, chain, order), strayDigests: strayDigests(findings) };
  return { violations, figures };
}

/**
 * Without its syncs on servers of Apache's: to a leader of theirs a sync is a read like any other, and
 * does not wait for what others were told before it has applied it itself.
 */
function withoutSyncs(life: SessionLife, foreign: ReadonlySet<number>): SessionLife {
  const heard = life.heard.filter((what) => {
    if (what.kind !== 'reply' || what.operation.ask.type !== Opcode.Sync) return true;
    return !foreign.has(what.operation.connection);
  });
  return Object.assign(Object.create(life) as SessionLife, { heard });
}

/** No number is given out twice below one node. */
function judgeNumbers({ journal }: History): string[] {
  const given = new Set<string>();
  const violations: string[] = [];
  for (const { ask, answer } of journal.operations) {
    if (ask.type !== Opcode.Create || answer?.error !== 0) continue;
    if (ask.body.flags < CreateFlags.PersistentSequential) continue;
    const path = decodeCreateResponse(JuteReader.over(answer.body))?.path ?? '';
    if (given.has(path)) violations.push(`${path} was given out twice`);
    given.add(path);
  }
  return violations;
}

/** The digest that the last transaction has brought with it is that of the model. */
function judgeDigest({ model }: VersionOrder, transactions: readonly Transaction[]): string[] {
  const last = transactions.findLast(({ digest }) => digest !== null && digest !== undefined);
  if (last === undefined || last !== transactions.at(-1)) return [];
  const logged = BigInt.asUintN(64, last.digest!.treeDigest);
  const made = digestOf(model.nodes);
  if (made === logged) return [];
  return [`the digest at ${hex(last.header.zxid)} was logged as ${logged} and is ${made}`];
}

function figuresOf({ journal }: History, chain: Chain, order: VersionOrder): Verdict['figures'] {
  const answered = journal.operations.filter(({ answer }) => answer !== null);
  const writes = [...order.zxids.keys()];
  return {
    sessions: journal.sessions.length,
    operations: journal.operations.length,
    answered: answered.length,
    writes: writes.length,
    acknowledged: writes.filter(({ answer }) => answer?.error === 0).length,
    transactions: chain.transactions.length,
    epochs: new Set(chain.transactions.map(({ header }) => header.zxid >> 32n)).size,
    dropped: chain.dropped,
    nodes: order.model.nodes.size,
    ...outages(writes),
  };
}

/** Times in which nobody was told that a write was done. */
function outages(writes: readonly Operation[]): Verdict['figures'] {
  const moments = writes.flatMap(({ answer }) => (answer === null ? [] : [answer.atMs]));
  moments.sort((a, b) => a - b);
  const gaps = moments.slice(1).map((atMs, i) => atMs - moments[i]!);
  return {
    seconds: Math.round((moments.at(-1)! - moments[0]!) / 1000),
    outages: gaps.filter((ms) => ms > OUTAGE_MS).length,
    longestOutageMs: Math.round(Math.max(0, ...gaps.filter((ms) => ms > OUTAGE_MS))),
  };
}
