/**
 * Looks at what lies behind the last whole record of a log. A server that dies in the middle of a
 * write leaves half a record and nothing behind it; that record was never acknowledged and is passed
 * over. Anything more means that the log was damaged later, and that acknowledged transactions would
 * be lost if it were read up to the damage only.
 */
import {
  ADLER32_START,
  adler32,
  LOG_RECORD_END,
  LOG_RECORD_EXTRA_BYTES,
  LOG_RECORD_HEAD_BYTES,
} from '@zabra/wire';
import type { OpenFile } from './files.ts';

/** How far is looked at least, and in records of the greatest length. */
const WINDOW_BYTES_MIN = 8 * 1024 * 1024;
const WINDOW_RECORDS = 3;
/** A transaction's header: no payload is shorter. */
const PAYLOAD_BYTES_MIN = 32;
const ZXID_OFFSET: number = LOG_RECORD_HEAD_BYTES + 12;
const ZEROS = new Uint8Array(64 * 1024);

/** What makes the end of a log suspect, as a part of a sentence; null for a lawful end. */
export async function findDamage(
  file: OpenFile,
  fileBytes: number,
  end: number,
  lastZxid: bigint,
  recordBytesMax: number,
): Promise<string | null> {
  const windowBytes = Math.max(WINDOW_BYTES_MIN, WINDOW_RECORDS * recordBytesMax);
  const window = new Uint8Array(Math.max(Math.min(windowBytes, fileBytes - end), 0));
  const count = await file.read(window, end);
  return damageIn(withoutZeros(window.subarray(0, count)), end, lastZxid);
}

/** The same for bytes at hand, which begin `at` bytes into the file. */
export function damageIn(bytes: Uint8Array, at: number, lastZxid: bigint): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isWholeUnderAnotherLength(bytes, view)) {
    return `the record at byte ${at} is whole but its length or its end was changed`;
  }
  const next = findRecord(bytes, view, lastZxid);
  if (next < 0) return null;
  return `the record at byte ${at} is damaged, and a sound one follows at byte ${at + next}`;
}

/** Whether the checksum holds for another length than the one that is written. */
function isWholeUnderAnotherLength(bytes: Uint8Array, view: DataView): boolean {
  if (bytes.length <= LOG_RECORD_HEAD_BYTES || view.getInt32(0) !== 0) return false;
  const wanted = view.getUint32(4);
  const claimedEnd = LOG_RECORD_HEAD_BYTES + view.getInt32(8);
  let checksum = ADLER32_START;
  let summed = LOG_RECORD_HEAD_BYTES;
  for (let end = summed + PAYLOAD_BYTES_MIN; end < bytes.length; end += 1) {
    // A last byte of zero is one that was never written.
    const isEnd = bytes[end] === LOG_RECORD_END || (end === claimedEnd && bytes[end] !== 0);
    if (!isEnd) continue;
    checksum = adler32(checksum, bytes, summed, end);
    summed = end;
    if (checksum === wanted) return true;
  }
  return false;
}

/** Where a sound record with a zxid above `lastZxid` begins; -1 when there is none. */
function findRecord(bytes: Uint8Array, view: DataView, lastZxid: bigint): number {
  const last = bytes.length - LOG_RECORD_EXTRA_BYTES - PAYLOAD_BYTES_MIN;
  for (let at = 1; at <= last; at += 1) {
    if (view.getInt32(at) === 0 && isRecord(bytes, view, at, lastZxid)) return at;
  }
  return -1;
}

function isRecord(bytes: Uint8Array, view: DataView, at: number, lastZxid: bigint): boolean {
  const length = view.getInt32(at + 8);
  const start = at + LOG_RECORD_HEAD_BYTES;
  const end = start + length;
  if (length < PAYLOAD_BYTES_MIN || end >= bytes.length) return false;
  if (bytes[end] !== LOG_RECORD_END || view.getBigInt64(at + ZXID_OFFSET) <= lastZxid) return false;
  return adler32(ADLER32_START, bytes, start, end) === view.getUint32(at + 4);
}

/** Whether all bytes are zero. */
export function isZero(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += ZEROS.length) {
    const part = bytes.subarray(at, at + ZEROS.length);
    if (Buffer.compare(part, ZEROS.subarray(0, part.length)) !== 0) return false;
  }
  return true;
}

function withoutZeros(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > ZEROS.length && isZero(bytes.subarray(end - ZEROS.length, end))) end -= ZEROS.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return bytes.subarray(0, end);
}
