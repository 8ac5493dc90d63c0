/**
 * What a disk holds as its log, and whether the logs of several servers are one: the same bytes at
 * the same zxid everywhere, none missing, none out of order.
 */
import {
  asZxid,
  decodeTransaction,
  JuteReader,
  readLogRecords,
  type Transaction,
  zxidCounter,
  zxidEpoch,
} from '@zabra/wire';
import type { SimDisk } from '../disk.ts';

export interface LoggedTxn {
  readonly txn: Transaction;
  readonly payload: Uint8Array;
}

/** Every readable record that is or was there, in the order of the files. */
export function logOf(disk: SimDisk): LoggedTxn[] {
  const there = disk.names.filter((name) => /^log\.[0-9a-f]+$/.test(name));
  const files = [...new Set([...there, ...disk.purgedLogs.keys()])];
  const zxidOfFile = (name: string): bigint => BigInt(`0x${name.slice(4)}`);
  files.sort((a, b) => (zxidOfFile(a) < zxidOfFile(b) ? -1 : 1));
  return files.flatMap((name) =>
    readLogRecords(
      there.includes(name) ? disk.read(name) : disk.purgedLogs.get(name)!,
    ).records.flatMap(({ payload }) => {
      const txn = decodeTransaction(JuteReader.over(payload));
      return txn === null ? [] : [{ txn, payload }];
    }),
  );
}

export interface Agreement {
  readonly violations: readonly string[];
  /** What all of them hold together, in the order of zxids. */
  readonly transactions: readonly Transaction[];
}

/** The logs by server; those of a server may begin anywhere, behind a snapshot. */
export function agreementOf(logs: readonly (readonly LoggedTxn[])[]): Agreement {
  const violations: string[] = [];
  const all = new Map<bigint, LoggedTxn>();
  for (const [server, log] of logs.entries()) {
    for (const [i, { txn, payload }] of log.entries()) {
      const { zxid } = txn.header;
      const before = log[i - 1]?.txn.header.zxid;
      if (before !== undefined && !follows(zxid, before)) {
        violations.push(`server ${server} logged ${zxid} behind ${before}`);
      }
      const known = all.get(zxid);
      if (known === undefined) all.set(zxid, { txn, payload });
      else if (!isEqual(known.payload, payload)) {
        violations.push(
          `server ${server} holds another transaction ${zxid} than a server before it`,
        );
      }
    }
  }
  const zxids = [...all.keys()].sort((a, b) => (a < b ? -1 : 1));
  return { violations, transactions: zxids.map((zxid) => all.get(zxid)!.txn) };
}

/** Whether nothing is missing between the two: the next of an epoch, or the first of a later one. */
export function follows(zxid: bigint, before: bigint): boolean {
  if (zxid === before + 1n) return true;
  const next = asZxid(zxid);
  return zxidEpoch(next) > zxidEpoch(asZxid(before)) && zxidCounter(next) === 1;
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
