/**
 * Reads what would be on a server's disk after a power cut at this moment, as a server would read it
 * at its start: the newest whole snapshot, the records of the logs above it, and the two epochs. It
 * goes by the bytes alone; what it has read before and finds again it does not read twice.
 */
import {
  ADLER32_START,
  adler32,
  decodeUtf8,
  LOG_HEADER_BYTES,
  LOG_RECORD_END,
  LOG_RECORD_EXTRA_BYTES,
  LOG_RECORD_HEAD_BYTES,
} from '@zabra/wire';
import { type Chain, type Entry, isSameRecord, named, zxidOfRecord } from './chain.ts';
import type { Survivor } from './facts.ts';

/** What would be left of a directory: names, and bytes behind them. */
export type Remains = ReadonlyMap<string, Uint8Array>;

type History = Pick<Survivor, 'end' | 'problem'>;

/** A log file as far as it was read. */
interface ReadLog {
  end: number;
  readonly records: Uint8Array[];
}

/** Where reading has got to, for as long as only the last log grows. */
interface Place {
  readonly key: string;
  entry: Entry;
  /** Records of the last log that were looked at. */
  count: number;
}

const PASSING = '.tmp';
/** What a whole snapshot ends with. */
const SEAL = [0, 0, 0, 1, 0x2f];

export class SurvivorReader {
  readonly #chain: Chain;
  readonly #logs = new Map<string, ReadLog>();
  #place: Place | null = null;

  constructor(chain: Chain) {
    this.#chain = chain;
  }

  /** The files may be others than before. */
  forget(): void {
    this.#logs.clear();
    this.#place = null;
  }

  /** `isFounding`: what nobody knows yet is taken as it is. */
  read(remains: Remains, isFounding = false): Survivor {
    const acceptedEpoch = numberIn(remains.get('acceptedEpoch'));
    const currentEpoch = numberIn(remains.get('currentEpoch'));
    return { acceptedEpoch, currentEpoch, ...this.#history(remains, isFounding) };
  }

  #history(remains: Remains, isFounding: boolean): History {
    const base = newestSnapshot(remains);
    const names = logNames(remains);
    const key = `${base} ${names.join()}`;
    const start = this.#chain.entryOf(base);
    if (start === undefined) {
      const problem = `there is a snapshot of ${named(base)}, which nobody has made`;
      return { end: 0n, problem };
    }
    const isSame = this.#place?.key === key;
    let entry = isSame ? this.#place!.entry : start;
    let count = isSame ? this.#place!.count : 0;
    for (const [i, name] of names.entries()) {
      const isLast = i === names.length - 1;
      if (isSame && !isLast) continue;
      const { records, isCut } = this.#recordsOf(name, remains.get(name)!);
      if (isCut && isSame) {
        this.#place = null;
        return this.#history(remains, isFounding);
      }
      for (const record of isLast ? records.slice(count) : records) {
        const zxid = zxidOfRecord(record);
        if (zxid <= base || zxid <= entry.zxid) continue;
        const next = this.#entryOf(record, entry, isFounding);
        if (typeof next === 'string') return { end: endOf(entry, base), problem: next };
        entry = next;
      }
      if (isLast) count = records.length;
    }
    this.#place = { key, entry, count };
    return { end: endOf(entry, base), problem: null };
  }

  #entryOf(record: Uint8Array, before: Entry, isFounding: boolean): Entry | string {
    const zxid = zxidOfRecord(record);
    const entry = this.#chain.entryOf(zxid);
    if (entry === undefined) {
      if (isFounding) return this.#chain.add(record, before);
      return `${named(zxid)} is there, which nobody has proposed`;
    }
    if (!isSameRecord(entry.bytes, record)) return `${named(zxid)} is not as it was proposed`;
    return entry.parent === before ? entry : `${named(zxid)} stands behind ${named(before.zxid)}`;
  }

  /** Whole records; `isCut` where the file is not the one read before and some more. */
  #recordsOf(name: string, bytes: Uint8Array): { records: Uint8Array[]; isCut: boolean } {
    let log = this.#logs.get(name);
    const isCut = log !== undefined && bytes.length < log.end;
    if (log === undefined || isCut) {
      log = { end: LOG_HEADER_BYTES, records: [] };
      this.#logs.set(name, log);
    }
    if (bytes.length > log.end) readOn(log, bytes);
    return { records: log.records, isCut };
  }
}

/** A snapshot may be called by the beginning of an epoch, which is no record. */
function endOf(entry: Entry, snapshot: bigint): bigint {
  return snapshot > entry.zxid ? snapshot : entry.zxid;
}

function readOn(log: ReadLog, bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = log.end; at + LOG_RECORD_HEAD_BYTES <= bytes.length; ) {
    const start = at + LOG_RECORD_HEAD_BYTES;
    const length = view.getInt32(start - 4);
    const end = at + length + LOG_RECORD_EXTRA_BYTES;
    if (length <= 0 || end > bytes.length || bytes[end - 1] !== LOG_RECORD_END) return;
    if (adler32(ADLER32_START, bytes, start, start + length) !== view.getUint32(at + 4)) return;
    log.records.push(bytes.subarray(start, start + length));
    at = end;
    log.end = end;
  }
}

/** 0 where there is none. */
function newestSnapshot(remains: Remains): bigint {
  let newest = 0n;
  for (const [name, bytes] of remains) {
    if (!name.startsWith('snapshot.') || name.endsWith(PASSING)) continue;
    const zxid = BigInt(`0x${name.slice('snapshot.'.length)}`);
    const isWhole = SEAL.every((byte, i) => bytes[bytes.length - SEAL.length + i] === byte);
    if (isWhole && zxid > newest) newest = zxid;
  }
  return newest;
}

function logNames(remains: Remains): string[] {
  const names = [...remains.keys()].filter((name) => name.startsWith('log.'));
  const zxidOf = (name: string): bigint => BigInt(`0x${name.slice('log.'.length)}`);
  return names.sort((a, b) => (zxidOf(a) < zxidOf(b) ? -1 : 1));
}

function numberIn(bytes: Uint8Array | undefined): number {
  return bytes === undefined ? 0 : Number(decodeUtf8(bytes));
}
