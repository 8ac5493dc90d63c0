/**
 * Snapshots of simulated servers: their records, one behind the other, with a count in front, so that
 * a reader can tell where they end.
 *
 *     snapshot = int count, { long zxid, buffer bytes } count times
 */
import { asZxid, JuteReader, JuteWriter } from '@zabra/wire';
import type { InstallStep } from '../contract.ts';
import type { StoredRecord } from './fake-disk.ts';

export function encodeSnapshotRecords(records: readonly StoredRecord[]): Uint8Array {
  const writer = new JuteWriter();
  writer.int(records.length);
  for (const { zxid, bytes } of records) {
    writer.long(zxid);
    writer.buffer(bytes);
  }
  return writer.finish();
}

export class SnapshotTaker {
  records: StoredRecord[] = [];
  #bytes = new Uint8Array(0);

  take(piece: Uint8Array): InstallStep {
    const before = this.#bytes.length;
    const joined = new Uint8Array(before + piece.length);
    joined.set(this.#bytes);
    joined.set(piece, before);
    this.#bytes = joined;
    const reader = JuteReader.over(joined);
    const records: StoredRecord[] = [];
    for (let left = reader.int(); left > 0 && !reader.failed; left -= 1) {
      const zxid = asZxid(reader.long());
      records.push({ zxid, bytes: reader.buffer() ?? new Uint8Array(0) });
    }
    if (reader.failed) return 'more';
    this.records = records;
    return { byteCount: reader.position - before };
  }
}
