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
import type { Remains } from '../../sim-directory.ts';
import { type Chain, type Entry, isSameRecord, isWithin, named, zxidOfRecord } from './chain.ts';
import type { Survivor } from './facts.ts';

type History = Pick<Survivor, 'end' | 'problem'>;

interface NamedFile {
  readonly name: string;
  /** That of its name. */
  readonly zxid: bigint;
}

/** What of the names in a directory matters. */
interface Layout {
  readonly names: readonly string[];
  readonly snapshots: readonly NamedFile[];
  /** Those of logs, ascending. */
  readonly logs: readonly string[];
}

interface ReadRecord {
  readonly zxid: bigint;
  readonly bytes: Uint8Array;
}

/** A log file as far as it was read. */
interface ReadLog {
  end: number;
  readonly records: ReadRecord[];
}

/** Where reading has got to, for as long as the last log grows and others come behind it. */
interface Place {
  readonly base: bigint;
  readonly logs: readonly string[];
  entry: Entry;
  /** Records of the last log that were looked at. */
  count: number;
}

/** A small file that was read, and what it says. */
interface ReadNumber {
  readonly bytes: Uint8Array | undefined;
  readonly value: number;
}

const PASSING = '.tmp';
/** What a whole snapshot ends with. */
const SEAL = [0, 0, 0, 1, 0x2f];
const NO_LAYOUT: Layout = { names: [], snapshots: [], logs: [] };
const NO_NUMBER: ReadNumber = { bytes: undefined, value: 0 };

export class SurvivorReader {
  readonly #chain: Chain;
  readonly #logs = new Map<string, ReadLog>();
  #place: Place | null = null;
  #layout = NO_LAYOUT;
  #acceptedEpoch = NO_NUMBER;
  #currentEpoch = NO_NUMBER;

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
    this.#acceptedEpoch = numberIn(remains.get('acceptedEpoch'), this.#acceptedEpoch);
    this.#currentEpoch = numberIn(remains.get('currentEpoch'), this.#currentEpoch);
    this.#layout = layoutOf(remains, this.#layout);
    const { end, problem } = this.#history(remains, isFounding);
    const [acceptedEpoch, currentEpoch] = [this.#acceptedEpoch.value, this.#currentEpoch.value];
    return { acceptedEpoch, currentEpoch, end, problem };
  }

  #history(remains: Remains, isFounding: boolean): History {
    const { logs } = this.#layout;
    const base = newestSnapshot(remains, this.#layout);
    const start = this.#chain.entryOf(base);
    if (start === undefined) {
      const problem = `there is a snapshot of ${named(base)}, which nobody has made`;
      return { end: 0n, problem };
    }
    const place = this.#placeOf(base, start, logs);
    const first = place === null ? 0 : Math.max(place.logs.length - 1, 0);
    let entry = place?.entry ?? start;
    let count = place?.count ?? 0;
    for (let i = first; i < logs.length; i += 1) {
      const { records, isCut } = this.#recordsOf(logs[i]!, remains.get(logs[i]!)!);
      if (isCut && place !== null) {
        this.#place = null;
        return this.#history(remains, isFounding);
      }
      for (let at = i === first ? count : 0; at < records.length; at += 1) {
        const record = records[at]!;
        if (record.zxid <= base || record.zxid <= entry.zxid) continue;
        const next = this.#entryOf(record, entry, isFounding);
        if (typeof next === 'string') return { end: endOf(entry, base), problem: next };
        entry = next;
      }
      count = records.length;
    }
    this.#place = { base, logs, entry, count };
    return { end: endOf(entry, base), problem: null };
  }

  /** Where it can go on, if no log has gone and the snapshot is of what was read; null if nowhere. */
  #placeOf(base: bigint, start: Entry, logs: readonly string[]): Place | null {
    const place = this.#place;
    if (place === null || place.base > base) return null;
    if (place.logs !== logs && !place.logs.every((name, i) => name === logs[i])) return null;
    if (place.base === base || start === place.entry) return place;
    // One called by the beginning of an epoch is behind all that was read, on whatever branch.
    return base <= place.entry.zxid && isWithin(start, place.entry) ? place : null;
  }

  #entryOf({ zxid, bytes }: ReadRecord, before: Entry, isFounding: boolean): Entry | string {
    const entry = this.#chain.entryOf(zxid);
    if (entry === undefined) {
      if (isFounding) return this.#chain.add(bytes, before);
      return `${named(zxid)} is there, which nobody has proposed`;
    }
    if (!isSameRecord(entry.bytes, bytes)) return `${named(zxid)} is not as it was proposed`;
    return entry.parent === before ? entry : `${named(zxid)} stands behind ${named(before.zxid)}`;
  }

  /** Whole records; `isCut` where the file is not the one read before and some more. */
  #recordsOf(name: string, bytes: Uint8Array): { records: ReadRecord[]; isCut: boolean } {
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
    const record = bytes.subarray(start, start + length);
    log.records.push({ zxid: zxidOfRecord(record), bytes: record });
    at = end;
    log.end = end;
  }
}

/** 0 where there is none. */
function newestSnapshot(remains: Remains, { snapshots }: Layout): bigint {
  let newest = 0n;
  for (const { name, zxid } of snapshots) {
    if (zxid > newest && isWhole(remains.get(name)!)) newest = zxid;
  }
  return newest;
}

function isWhole(snapshot: Uint8Array): boolean {
  const at = snapshot.length - SEAL.length;
  for (let i = 0; i < SEAL.length; i += 1) if (snapshot[at + i] !== SEAL[i]) return false;
  return true;
}

/** The one before, and what of it is still so, while names are what they were. */
function layoutOf({ names }: Remains, before: Layout): Layout {
  if (isSameList(names, before.names)) return before;
  const fileOf = (name: string): NamedFile => {
    return { name, zxid: BigInt(`0x${name.slice(name.indexOf('.') + 1)}`) };
  };
  const snapshots = names
    .filter((name) => name.startsWith('snapshot.') && !name.endsWith(PASSING))
    .map(fileOf);
  const logs = names
    .filter((name) => name.startsWith('log.'))
    .map(fileOf)
    .sort((a, b) => (a.zxid < b.zxid ? -1 : 1))
    .map(({ name }) => name);
  return { names, snapshots, logs: isSameList(logs, before.logs) ? before.logs : logs };
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i += 1) if (one[i] !== other[i]) return false;
  return true;
}

function numberIn(bytes: Uint8Array | undefined, before: ReadNumber): ReadNumber {
  if (bytes === before.bytes) return before;
  return { bytes, value: bytes === undefined ? 0 : Number(decodeUtf8(bytes)) };
}
