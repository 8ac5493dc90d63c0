/**
 * The one order of all transactions, put together from the logs of all members. What was logged and
 * never agreed on may lie about behind a snapshot that was taken over; it is told from the rest by
 * what the logs say was before the first transaction of each epoch.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { follows } from '@zabra/sim/checkers';
import {
  asZxid,
  decodeTransaction,
  JuteReader,
  readLogRecords,
  type Transaction,
  zxidCounter,
} from '@zabra/wire';

export interface Logged {
  readonly txn: Transaction;
  readonly payload: Buffer;
}

export interface Chain {
  readonly transactions: readonly Transaction[];
  readonly violations: readonly string[];
  /** How many lay about that were never agreed on. */
  readonly dropped: number;
}

/** Every record that can be read, in the order of the files. */
export async function readLogs(dataDir: string): Promise<Logged[]> {
  const folder = join(dataDir, 'version-2');
  const names = (await readdir(folder)).filter((name) => /^log\.[0-9a-f]+$/.test(name));
  const zxidOf = (name: string): bigint => BigInt(`0x${name.slice('log.'.length)}`);
  names.sort((a, b) => (zxidOf(a) < zxidOf(b) ? -1 : 1));
  const logged: Logged[] = [];
  for (const name of names) {
    const { records } = readLogRecords(await readFile(join(folder, name)));
    for (const { payload } of records) {
      const txn = decodeTransaction(JuteReader.over(payload));
      if (txn !== null) logged.push({ txn, payload: Buffer.from(payload) });
    }
  }
  return logged;
}

/** The logs by member. */
export function chainOf(logs: ReadonlyMap<number, readonly Logged[]>): Chain {
  const violations: string[] = [];
  const all = new Map<bigint, Logged>();
  /** By the first of an epoch, how many logs have which transaction before it. */
  const claims = new Map<bigint, Map<bigint, number>>();
  let last = 0n;
  for (const [member, log] of logs) {
    let before = 0n;
    for (const logged of log) {
      const { zxid } = logged.txn.header;
      const known = all.get(zxid);
      if (known === undefined) all.set(zxid, logged);
      else if (!known.payload.equals(logged.payload)) {
        violations.push(`member ${member} holds another transaction ${hex(zxid)} than one before`);
      }
      if (zxidCounter(asZxid(zxid)) === 1) claim(claims, zxid, before);
      before = zxid;
    }
    if (before > last) last = before;
  }
  const chain: Transaction[] = [];
  for (let zxid = last; zxid > 0n; ) {
    const logged = all.get(zxid);
    if (logged === undefined) {
      violations.push(`no log holds ${hex(zxid)}`);
      break;
    }
    chain.push(logged.txn);
    zxid = zxidCounter(asZxid(zxid)) === 1 ? likeliest(claims.get(zxid)!) : zxid - 1n;
  }
  chain.reverse();
  for (const [i, { header }] of chain.entries()) {
    const before = chain[i - 1]?.header.zxid ?? 0n;
    if (!follows(header.zxid, before)) {
      violations.push(`${hex(header.zxid)} comes behind ${hex(before)}`);
    }
  }
  return { transactions: chain, violations, dropped: all.size - chain.length };
}

function claim(claims: Map<bigint, Map<bigint, number>>, zxid: bigint, before: bigint): void {
  const counts = claims.get(zxid) ?? new Map<bigint, number>();
  counts.set(before, (counts.get(before) ?? 0) + 1);
  claims.set(zxid, counts);
}

/** What most logs say; a log that was behind says something smaller. */
function likeliest(counts: ReadonlyMap<bigint, number>): bigint {
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? 1 : -1));
  return sorted[0]![0];
}

export function hex(zxid: bigint): string {
  return `0x${zxid.toString(16)}`;
}
