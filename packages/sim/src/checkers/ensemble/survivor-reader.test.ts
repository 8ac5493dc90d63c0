import {
  asSessionId,
  asZxid,
  beginLogRecord,
  encodeTransaction,
  finishLogRecord,
  JuteWriter,
  LOG_RECORD_EXTRA_BYTES,
  LOG_RECORD_HEAD_BYTES,
  Opcode,
} from '@zabra/wire';
import { expect, it } from 'vitest';
import { SimDisk } from '../../disk.ts';
import { Chain, type Entry } from './chain.ts';
import { SurvivorReader } from './survivor-reader.ts';

const EPOCH_TWO = 2n << 32n;
const SEAL = Uint8Array.of(0, 0, 0, 1, 0x2f);

const disk = new SimDisk();
const chain = new Chain({ members: [], groups: [], weights: [], version: 0n });
const reader = new SurvivorReader(chain);

/** As it stands in a log. */
function framed(zxid: bigint): Uint8Array {
  const writer = new JuteWriter();
  const start = beginLogRecord(writer);
  encodeTransaction(writer, {
    header: { clientId: asSessionId(1n), cxid: 1, zxid: asZxid(zxid), time: 0n },
    record: { type: Opcode.Delete, body: { path: `/${zxid}` } },
    digest: null,
  });
  finishLogRecord(writer, start);
  return writer.finish();
}

function add(zxid: bigint, parent: Entry): Entry {
  const bytes = framed(zxid);
  const end = bytes.length - (LOG_RECORD_EXTRA_BYTES - LOG_RECORD_HEAD_BYTES);
  return chain.add(bytes.subarray(LOG_RECORD_HEAD_BYTES, end), parent);
}

function log(zxid: bigint): void {
  const only = { firstZxid: asZxid(zxid), lastZxid: asZxid(zxid) };
  disk.perform({ kind: 'append', ticket: 1, bytes: framed(zxid), ...only });
  while (disk.step());
}

function snapshot(zxid: bigint): void {
  disk.perform({ kind: 'snapshotBegin', zxid: asZxid(zxid) });
  disk.perform({ kind: 'snapshotSlice', ticket: 2, bytes: SEAL });
  disk.perform({ kind: 'snapshotFinish', ticket: 3 });
  while (disk.step());
}

it('begins anew at a snapshot that is behind all it has read, on whatever branch', () => {
  let entry = chain.root;
  const history = [1n, 2n, 3n].map((counter) => {
    entry = add((1n << 32n) + counter, entry);
    log(entry.zxid);
    return entry;
  });
  expect(reader.read(disk.remains)).toMatchObject({ end: entry.zxid, problem: null });
  // Another leader knew the first two alone, and sends all it has.
  chain.beginEpoch(2, history[1]!);
  snapshot(EPOCH_TWO);
  expect(reader.read(disk.remains)).toMatchObject({ end: EPOCH_TWO, problem: null });
  add(EPOCH_TWO + 1n, history[1]!);
  log(EPOCH_TWO + 1n);
  expect(reader.read(disk.remains)).toMatchObject({ end: EPOCH_TWO + 1n, problem: null });
});
