import type { DiskOrder } from '@zabra/replica';
import { asZxid } from '@zabra/wire';
import { beforeEach, describe, expect, it } from 'vitest';
import { logOf } from './checkers/server-log.ts';
import { type DiskStep, type Lane, SimDisk } from './disk.ts';
import { everythingSurvives, nothingSurvives } from './sim-directory.ts';

const append = (ticket: number): DiskOrder => {
  const zxid = asZxid(BigInt(ticket));
  const bytes = Uint8Array.of(ticket);
  return { kind: 'append', ticket, bytes, firstZxid: zxid, lastZxid: zxid };
};

const snapshot = (zxid: bigint): DiskOrder[] => [
  { kind: 'snapshotBegin', zxid: asZxid(zxid) },
  { kind: 'snapshotSlice', ticket: 100, bytes: Uint8Array.of(1, 2) },
  { kind: 'snapshotFinish', ticket: 101 },
];

describe('a disk', () => {
  let disk: SimDisk;
  let answered: number[];
  beforeEach(() => {
    answered = [];
    disk = new SimDisk({ snapshotsKept: 1 });
    disk.onAnswer((answer) => {
      if (answer.kind === 'done') answered.push(answer.ticket);
    });
  });

  const doneOf = (lane: Lane): DiskStep[] => {
    const steps: DiskStep[] = [];
    for (let step = disk.next(lane); step !== null; step = disk.next(lane)) {
      steps.push(step);
      disk.step(lane);
    }
    return steps;
  };

  it('names every step before it is done', () => {
    disk.perform(append(1));
    for (const order of snapshot(1n)) disk.perform(order);
    expect(doneOf('log')).toEqual([
      'log.create',
      'log.write',
      'log.sync',
      'log.syncDirectory',
      'log.answer',
    ]);
    expect(doneOf('snapshot')).toEqual([
      'snapshot.create',
      'snapshot.write',
      'snapshot.answer',
      'snapshot.sync',
      'snapshot.rename',
      'snapshot.syncDirectory',
      'snapshot.purge',
      'snapshot.answer',
    ]);
    expect(answered).toEqual([1, 100, 101]);
  });

  it('keeps what was written when only the server dies, and does nothing further for it', () => {
    disk.perform(append(1));
    disk.step('log');
    disk.step('log');
    disk.abandon();
    expect(disk.backlog).toBe(0);
    const { length } = disk.read('log.1');
    expect(length).toBeGreaterThan(1);
    expect(disk.unsynced).toEqual({ bytes: length, created: 1, renamed: 0, removed: 0 });
    disk.cutPower(nothingSurvives);
    expect(disk.names).toEqual(['initialize']);
  });

  it('may lose by a failure what it was about to sync', () => {
    disk.perform(append(1));
    doneOf('log');
    const before = disk.read('log.1').length;
    disk.perform(append(2));
    while (disk.next('log') !== 'log.sync') disk.step('log');
    disk.fail('log');
    expect([disk.read('log.1').length, disk.next('log'), answered]).toEqual([before, null, [1]]);
  });

  it('keeps aside, for those who judge, the logs that it has cleared away', () => {
    for (const zxid of [1, 2, 3]) {
      disk.perform({ kind: 'roll' });
      disk.perform(append(zxid));
      doneOf('log');
      for (const order of snapshot(BigInt(zxid))) disk.perform(order);
      doneOf('snapshot');
    }
    expect([...disk.names].sort()).toEqual(['log.3', 'snapshot.3']);
    expect([...disk.purgedLogs.keys()]).toEqual(['log.1', 'log.2']);
    expect([...disk.fork().purgedLogs.keys()]).toEqual(['log.1', 'log.2']);
    // The first two went with a later sync of the directory.
    expect(disk.unsynced.removed).toBe(2);
    disk.cutPower(everythingSurvives);
    expect(disk.unsynced.removed).toBe(0);
    // Whoever judges reads both, and these bytes were no records.
    expect(logOf(disk)).toEqual([]);
  });

  it('can be damaged and emptied', () => {
    disk.perform(append(1));
    doneOf('log');
    const fork = disk.fork();
    disk.damage('log.1', (bytes) => bytes.fill(7));
    disk.damage('log.9', () => expect.unreachable());
    expect(disk.read('log.1').every((byte) => byte === 7)).toBe(true);
    expect(fork.read('log.1').every((byte) => byte === 7)).toBe(false);
    disk.wipe();
    expect([disk.names, [...disk.purgedLogs]]).toEqual([[], []]);
  });
});
