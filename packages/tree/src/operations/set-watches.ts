/**
 * setWatches and setWatches2: what a client had registered before it lost its connection. Whatever
 * changed since the zxid it saw last is told at once, ahead of the reply, and not registered.
 */
import { ErrorCode, EventType, Opcode, Permission } from '@zabra/wire';
import { MALFORMED } from '../preparation.ts';
import type { Reading } from '../reading.ts';
import { Field, isLess } from '../record.ts';
import { WatchKind } from '../watches/watch-kind.ts';

const PATH_BYTES_MIN = 4;

type Restore = (r: Reading, row: number, zxidHigh: number, zxidLow: number) => number;

export function readSetWatches(r: Reading, opcode: number): number {
  const { reader } = r;
  const zxidHigh = reader.int();
  const zxidLow = reader.int();
  const lists = opcode === Opcode.SetWatches2 ? [...oneShot, ...persistent] : oneShot;
  const start = reader.position;
  // Nothing is told or registered unless the whole request can be read.
  for (let i = 0; i < lists.length; i += 1) {
    const count = reader.count(PATH_BYTES_MIN);
    for (let k = 0; k < count; k += 1) reader.span();
    if (count < 0 || reader.failed) return MALFORMED;
  }
  reader.position = start;
  for (const { kind, restore } of lists) {
    const count = reader.count(PATH_BYTES_MIN);
    for (let i = 0; i < count; i += 1) {
      if (reader.span() < 0) continue;
      const event = restore(r, r.find(), zxidHigh, zxidLow);
      if (event === EventType.None) r.watch(kind, reader.spanStart, reader.spanLength);
      else tell(r, event);
    }
  }
  return ErrorCode.Ok;
}

function restoreData(r: Reading, row: number, zxidHigh: number, zxidLow: number): number {
  if (row < 0) return EventType.Deleted;
  return isNewer(r, row, Field.Mzxid, zxidHigh, zxidLow) ? EventType.DataChanged : EventType.None;
}

function restoreExists(_r: Reading, row: number): number {
  return row < 0 ? EventType.None : EventType.Created;
}

function restoreChildren(r: Reading, row: number, zxidHigh: number, zxidLow: number): number {
  if (row < 0) return EventType.Deleted;
  return isNewer(r, row, Field.Pzxid, zxidHigh, zxidLow)
    ? EventType.ChildrenChanged
    : EventType.None;
}

/** Persistent watches are registered as they are; what they missed is not told. */
function restoreSilently(): number {
  return EventType.None;
}

const oneShot: readonly { kind: number; restore: Restore }[] = [
  { kind: WatchKind.Data, restore: restoreData },
  { kind: WatchKind.Data, restore: restoreExists },
  { kind: WatchKind.Child, restore: restoreChildren },
];

const persistent: readonly { kind: number; restore: Restore }[] = [
  { kind: WatchKind.Persistent, restore: restoreSilently },
  { kind: WatchKind.Recursive, restore: restoreSilently },
];

function isNewer(r: Reading, row: number, field: number, high: number, low: number): boolean {
  const view = r.tree.viewOf(row);
  const at = r.tree.offsetOf(row) + field;
  const same = view.getInt32(at) === high && view.getInt32(at + 4) === low;
  return !same && !isLess(view, at, high, low);
}

function tell(r: Reading, type: number): void {
  const { reader } = r;
  const row = r.find();
  // Of a node that is there, only those who may read it hear.
  if (row >= 0 && !r.may(Permission.Read, row)) return;
  const end = reader.spanStart + reader.spanLength;
  r.events.onEvent(r.watcher!, type, reader.bytes, reader.spanStart, end);
}
