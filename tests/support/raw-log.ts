/**
 * Transaction logs as they lie on disk, read apart from the server's own reader: enough to find
 * where each record is and which transaction it holds.
 *
 *     file:    int magic "ZKLG", int version, long dbid, records, zeros
 *     record:  long checksum, int length, payload, byte 0x42
 *     payload: long session, int cxid, long zxid, long time, int type, ...
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const HEADER_BYTES = 16;
const FRAMING_BYTES = 12;

export interface LogRecord {
  /** The first byte of the record and the first byte behind it. */
  readonly start: number;
  readonly end: number;
  readonly zxid: bigint;
  readonly sessionId: bigint;
  readonly type: number;
}

export interface LogFile {
  readonly path: string;
  readonly bytes: Buffer;
  readonly records: readonly LogRecord[];
}

export function readLogRecords(bytes: Buffer): LogRecord[] {
  const records: LogRecord[] = [];
  let start = HEADER_BYTES;
  for (;;) {
    const payload = start + FRAMING_BYTES;
    if (payload > bytes.length) return records;
    const length = bytes.readInt32BE(start + 8);
    const end = payload + length + 1;
    if (length <= 0 || end > bytes.length) return records;
    records.push({
      start,
      end,
      sessionId: bytes.readBigInt64BE(payload),
      zxid: bytes.readBigInt64BE(payload + 12),
      type: bytes.readInt32BE(payload + 28),
    });
    start = end;
  }
}

/** The logs of a data directory, oldest first. */
export async function readLogs(dataDir: string): Promise<LogFile[]> {
  const folder = join(dataDir, 'version-2');
  const names = (await readdir(folder)).filter((name) => /^log\.[0-9a-f]+$/.test(name));
  const first = (name: string): number => Number.parseInt(name.slice('log.'.length), 16);
  names.sort((a, b) => first(a) - first(b));
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const bytes = await readFile(path);
      return { path, bytes, records: readLogRecords(bytes) };
    }),
  );
}
