/**
 * What an ensemble has agreed on: every transaction that some server had applied while it served, in
 * the order of zxids. It is taken down where it happens, for a disk may hold more than was agreed,
 * and a server that died may have been the only one to know. Two that differ at one zxid are told.
 *
 * A server's history is what it logged, less what it was told to cut off; what came as a snapshot
 * was agreed elsewhere before. A leader that brings to rule members who do without it serves for less
 * than a turn; what its term began with may be seen by nobody, and others get it in snapshots.
 */
import type { DiskOrder } from '@zabra/replica';
import {
  decodeTransaction,
  JuteReader,
  LOG_RECORD_EXTRA_BYTES,
  LOG_RECORD_HEAD_BYTES,
  type Transaction,
} from '@zabra/wire';
import { isSound, layoutOf } from '../disk/log-file.ts';
import type { SimDisk } from '../disk.ts';
import type { Standing } from '../process/actor.ts';
import type { Onlooker } from '../process/onlooker.ts';
import { type Entry, int32At, zxidOfRecord } from './ensemble/chain.ts';
import type { Agreement } from './server-log.ts';

interface Logged {
  readonly zxid: bigint;
  readonly payload: Uint8Array;
}

interface History {
  /** Ascending. */
  records: Logged[];
  /** How many of them were taken down. */
  told: number;
  /** Everything up to this came in a snapshot. */
  base: bigint;
}

export class Deliveries implements Onlooker {
  readonly violations: string[] = [];
  readonly #agreed = new Map<bigint, Uint8Array>();
  readonly #histories = new Map<number, History>();
  /** The last of them. */
  lastZxid = 0n;

  started(host: number, _life: number, disk: SimDisk): void {
    const base = zxidsOf(disk, 'snapshot').at(-1) ?? 0n;
    const records: Logged[] = [];
    for (const zxid of zxidsOf(disk, 'log')) {
      const bytes = disk.read(`log.${zxid.toString(16)}`);
      const { starts, zxids, end } = layoutOf(bytes);
      for (const [i, start] of starts.entries()) {
        const last = records.at(-1)?.zxid ?? base;
        // One that was damaged is passed over before the snapshot, and refused behind it.
        if (zxids[i]! <= last || !isSound(bytes, start)) continue;
        records.push({ zxid: zxids[i]!, payload: payloadIn(bytes, start, starts[i + 1] ?? end) });
      }
    }
    this.#histories.set(host, { records, told: 0, base });
  }

  ordered(host: number, order: DiskOrder): void {
    const history = this.#histories.get(host);
    if (history === undefined) return;
    if (order.kind === 'append') history.records.push(...recordsIn(order.bytes.slice()));
    else if (order.kind === 'truncate') cut(history, order.zxid);
    else if (order.kind === 'snapshotBegin' && !holds(history, order.zxid))
      cut(history, order.zxid);
  }

  decided(host: number, { isServing, appliedZxid }: Standing): void {
    const history = this.#histories.get(host);
    if (history === undefined || !isServing) return;
    const { records } = history;
    while (history.told < records.length) {
      const next = records[history.told]!;
      if (next.zxid > appliedZxid) return;
      this.#agree(host, next);
      history.told += 1;
    }
  }

  /** The last transaction that is in a state of this zxid, which may be that of a term's beginning. */
  reached(zxid: bigint): bigint {
    if (zxid >= this.lastZxid) return this.lastZxid;
    if (this.#agreed.has(zxid)) return zxid;
    let reached = 0n;
    for (const one of this.#agreed.keys()) if (one <= zxid && one > reached) reached = one;
    return reached;
  }

  /** Whether a server has been told of what nobody has delivered, so that its disk may have more. */
  isAhead(host: number): boolean {
    const last = this.#histories.get(host)?.records.at(-1);
    return last !== undefined && last.zxid > this.lastZxid;
  }

  /** `decided`: the history that follows from what servers have said to each other, if that is known. */
  agreement(decided: Entry | null = null): Agreement {
    for (let entry = decided; entry !== null && entry.parent !== null; entry = entry.parent) {
      if (!this.#agreed.has(entry.zxid)) this.#agreed.set(entry.zxid, entry.bytes);
    }
    const transactions = this.#transactions();
    return { violations: this.violations, transactions };
  }

  /** All of it, in order. */
  #transactions(): Transaction[] {
    const zxids = [...this.#agreed.keys()].sort((a, b) => (a < b ? -1 : 1));
    return zxids.flatMap((zxid) => {
      const txn = decodeTransaction(JuteReader.over(this.#agreed.get(zxid)!));
      if (txn === null) this.violations.push(`transaction ${zxid} cannot be decoded`);
      return txn === null ? [] : [txn];
    });
  }

  #agree(host: number, { zxid, payload }: Logged): void {
    const known = this.#agreed.get(zxid);
    if (known === undefined) {
      this.#agreed.set(zxid, payload);
      if (zxid > this.lastZxid) this.lastZxid = zxid;
    } else if (!isEqual(known, payload)) {
      this.violations.push(`server ${host} has applied another transaction ${zxid} than others`);
    }
  }
}

function cut(history: History, zxid: bigint): void {
  const { records } = history;
  const isHeld = holds(history, zxid);
  // A snapshot of something else replaces everything.
  history.records = isHeld ? records.filter((record) => record.zxid <= zxid) : [];
  if (!isHeld) history.base = zxid;
  history.told = Math.min(history.told, history.records.length);
}

function holds({ records, base }: History, zxid: bigint): boolean {
  return zxid === base || records.some((record) => record.zxid === zxid);
}

function recordsIn(bytes: Uint8Array): Logged[] {
  const records: Logged[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + int32At(bytes, at + LOG_RECORD_HEAD_BYTES - 4) + LOG_RECORD_EXTRA_BYTES;
    const payload = payloadIn(bytes, at, end);
    records.push({ zxid: zxidOfRecord(payload), payload });
    at = end;
  }
  return records;
}

function payloadIn(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return bytes.subarray(start + LOG_RECORD_HEAD_BYTES, end - 1);
}

function zxidsOf(disk: SimDisk, kind: 'log' | 'snapshot'): bigint[] {
  const pattern = new RegExp(`^${kind}\\.[0-9a-f]+$`);
  const names = disk.names.filter((name) => pattern.test(name));
  const zxids = names.map((name) => BigInt(`0x${name.slice(kind.length + 1)}`));
  return zxids.sort((a, b) => (a < b ? -1 : 1));
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}
