/**
 * How a log file is laid out. Behind the header stand records, then zeros up to the size that was
 * set aside in advance.
 *
 *     file   = FileHeader, { record }, zeros
 *     FileHeader = int magic "ZKLG", int version 2, long dbid 0
 *     record = long checksum, int length, length bytes of payload, byte 0x42
 *
 * The checksum is the Adler-32 of the payload alone, in the low half of the long.
 */
import { ADLER32_START, adler32 } from '../adler32.ts';
import type { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';

export const LOG_MAGIC = 0x5a4b4c47;
export const LOG_VERSION = 2;
export const LOG_HEADER_BYTES = 16;

/** The checksum and the length before a payload. */
export const LOG_RECORD_HEAD_BYTES = 12;
/** `B`, the byte behind every payload. */
export const LOG_RECORD_END = 0x42;
/** What a record takes beyond its payload. */
export const LOG_RECORD_EXTRA_BYTES: number = LOG_RECORD_HEAD_BYTES + 1;

/** The longest payload that is read when nobody says otherwise: jute.maxbuffer and its extra. */
export const LOG_PAYLOAD_BYTES_MAX_DEFAULT: number = 2 * 0xfffff;

export interface LogHeader {
  readonly version: number;
  readonly dbId: bigint;
}

export function encodeLogHeader(writer: JuteWriter): void {
  writer.int(LOG_MAGIC);
  writer.int(LOG_VERSION);
  writer.long(0n);
}

/** Null when the bytes are too few or begin with another magic. */
export function decodeLogHeader(reader: JuteReader): LogHeader | null {
  const magic = reader.int();
  const header: LogHeader = { version: reader.int(), dbId: reader.long() };
  if (magic !== LOG_MAGIC) reader.fail();
  return reader.failed ? null : header;
}

/** Leaves room for a record's head; the payload is written next, in place. */
export function beginLogRecord(writer: JuteWriter): number {
  const start = writer.position;
  writer.reserve(LOG_RECORD_HEAD_BYTES);
  writer.position = start + LOG_RECORD_HEAD_BYTES;
  return start;
}

/** Fills in the head of the record begun at `start` and closes it. */
export function finishLogRecord(writer: JuteWriter, start: number): void {
  const payloadStart = start + LOG_RECORD_HEAD_BYTES;
  const payloadEnd = writer.position;
  writer.byte(LOG_RECORD_END);
  writer.view.setInt32(start, 0);
  writer.view.setUint32(start + 4, adler32(ADLER32_START, writer.bytes, payloadStart, payloadEnd));
  writer.view.setInt32(start + 8, payloadEnd - payloadStart);
}
