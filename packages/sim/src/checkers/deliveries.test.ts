import {
  asSessionId,
  asZxid,
  beginLogRecord,
  encodeTransaction,
  finishLogRecord,
  JuteWriter,
  Opcode,
} from '@zabra/wire';
import { beforeEach, expect, it } from 'vitest';
import { layoutOf } from '../disk/log-file.ts';
import { SimDisk } from '../disk.ts';
import { ensembleOf } from '../testing/ensemble-tale.ts';
import { Deliveries } from './deliveries.ts';
import { Chain } from './ensemble/chain.ts';

let disk: SimDisk;

function write(bytes: JuteWriter, zxid: bigint): void {
  encodeTransaction(bytes, {
    header: { clientId: asSessionId(1n), cxid: Number(zxid), zxid: asZxid(zxid), time: 0n },
    record: { type: Opcode.SetData, body: { path: '/a', data: null, version: 1 } },
    digest: null,
  });
}

function log(zxid: bigint): void {
  const bytes = new JuteWriter();
  const start = beginLogRecord(bytes);
  write(bytes, zxid);
  finishLogRecord(bytes, start);
  const both = { firstZxid: asZxid(zxid), lastZxid: asZxid(zxid) };
  disk.perform({ kind: 'append', ticket: Number(zxid), bytes: bytes.finish(), ...both });
}

function snapshot(zxid: bigint): void {
  disk.perform({ kind: 'snapshotBegin', zxid: asZxid(zxid) });
  disk.perform({ kind: 'snapshotSlice', ticket: 100, bytes: Uint8Array.of(1) });
  disk.perform({ kind: 'snapshotFinish', ticket: 101 });
}

function serves(deliveries: Deliveries, appliedZxid: bigint): void {
  deliveries.decided(0, {
    isServing: true,
    appliedZxid: asZxid(appliedZxid),
    digest: 0n,
    role: 'following',
    epoch: 2,
    leader: 1,
  });
}

/** What counts as agreed where a server serves from this disk. */
function agreedFrom(served: SimDisk): bigint[] {
  const deliveries = new Deliveries();
  deliveries.started(0, 1, served);
  serves(deliveries, 0x200000001n);
  return deliveries.agreement().transactions.map(({ header }) => header.zxid);
}

beforeEach(() => {
  disk = new SimDisk({ snapshotsKept: 3 });
  disk.onAnswer(() => {});
  for (const zxid of [1n, 2n, 3n, 4n]) log(zxid);
  snapshot(2n);
  while (disk.step());
});

it('takes what a server starts with for what it has done behind its snapshot', () => {
  expect(agreedFrom(disk)).toEqual([3n, 4n]);
});

it('takes nothing of a record that was damaged and is not read, as it lies before the snapshot', () => {
  disk.damage('log.1', (bytes) => {
    const zxidAt = layoutOf(bytes).starts[1]! + 24;
    bytes[zxidAt + 5]! ^= 1;
  });
  expect(layoutOf(disk.read('log.1')).zxids[1]).toBe(0x10002n);
  expect(agreedFrom(disk)).toEqual([3n, 4n]);
});

it('knows of a record that a disk may have and nobody has delivered', () => {
  const deliveries = new Deliveries();
  deliveries.started(0, 1, disk);
  serves(deliveries, 3n);
  expect([deliveries.lastZxid, deliveries.isAhead(0)]).toEqual([3n, true]);
  serves(deliveries, 4n);
  expect([deliveries.lastZxid, deliveries.isAhead(0)]).toEqual([4n, false]);
});

it('takes what was decided though nobody has served it for as long as a turn', () => {
  const chain = new Chain(ensembleOf([1, 2, 3]));
  const record = new JuteWriter();
  write(record, 0x200000001n);
  const decided = chain.add(record.finish(), chain.root);
  const { transactions } = new Deliveries().agreement(decided);
  expect(transactions.map(({ header }) => header.zxid)).toEqual([0x200000001n]);
});
