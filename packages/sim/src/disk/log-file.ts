/** The bytes of a log file, as far as a disk has to understand them: where which record lies. */
import {
  ADLER32_START,
  adler32,
  encodeLogHeader,
  JuteWriter,
  LOG_HEADER_BYTES,
  LOG_RECORD_END,
  LOG_RECORD_EXTRA_BYTES,
  LOG_RECORD_HEAD_BYTES,
} from '@zabra/wire';

/** Into a record: the zxid comes behind the session and the cxid. */
const ZXID_OFFSET: number = LOG_RECORD_HEAD_BYTES + 12;
const HEAD_BYTES: number = ZXID_OFFSET + 8;

export interface LogLayout {
  /** Of each whole record. */
  readonly starts: readonly number[];
  readonly zxids: readonly bigint[];
  /** Behind the last whole record. */
  readonly end: number;
}

export function layoutOf(bytes: Uint8Array): LogLayout {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts: number[] = [];
  const zxids: bigint[] = [];
  let at = LOG_HEADER_BYTES;
  while (at + HEAD_BYTES <= bytes.length) {
    const length = view.getInt32(at + LOG_RECORD_HEAD_BYTES - 4);
    const end = at + length + LOG_RECORD_EXTRA_BYTES;
    if (length <= 0 || end > bytes.length || bytes[end - 1] !== LOG_RECORD_END) break;
    starts.push(at);
    zxids.push(view.getBigInt64(at + ZXID_OFFSET));
    at = end;
  }
  return { starts, zxids, end: at };
}

/**
 * Whether a sound record of a later zxid lies behind the end: then what lies before it was damaged,
 * and is no write that the power has cut.
 */
export function hasRecordBehind(bytes: Uint8Array, end: number, lastZxid: bigint): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = end + 1; at + HEAD_BYTES < bytes.length; at += 1) {
    const length = view.getInt32(at + LOG_RECORD_HEAD_BYTES - 4);
    const start = at + LOG_RECORD_HEAD_BYTES;
    if (view.getInt32(at) !== 0 || length <= 0 || start + length >= bytes.length) continue;
    const isLater = view.getBigInt64(at + ZXID_OFFSET) > lastZxid;
    const isEnded = bytes[start + length] === LOG_RECORD_END;
    if (!isLater || !isEnded) continue;
    if (isSound(bytes, at)) return true;
  }
  return false;
}

/** Whether the whole record that begins there is what was written. */
export function isSound(bytes: Uint8Array, at: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = at + LOG_RECORD_HEAD_BYTES;
  const end = start + view.getInt32(start - 4);
  return adler32(ADLER32_START, bytes, start, end) === view.getUint32(at + 4);
}

export function logHeader(): Uint8Array {
  const writer = new JuteWriter(LOG_HEADER_BYTES);
  encodeLogHeader(writer);
  return writer.finish();
}
