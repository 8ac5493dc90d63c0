/** checkWatches and removeWatches: the same question, asked without and with consequences. */
import { ErrorCode, Opcode, WatcherType } from '@zabra/wire';
import { MALFORMED } from '../preparation.ts';
import type { Reading } from '../reading.ts';
import { WatchKind } from '../watches/watch-kind.ts';

const kindsByType: ReadonlyMap<number, number> = new Map<number, number>([
  [WatcherType.Children, WatchKind.Child],
  [WatcherType.Data, WatchKind.Data],
  [WatcherType.Any, WatchKind.Data | WatchKind.Child | WatchKind.Persistent | WatchKind.Recursive],
  [WatcherType.Persistent, WatchKind.Persistent],
  [WatcherType.PersistentRecursive, WatchKind.Recursive],
]);

export function readRemoveWatches(r: Reading, opcode: number): number {
  const { reader, watches } = r;
  if (reader.span() < 0) return MALFORMED;
  const { bytes, view, spanStart: start } = reader;
  const end = start + reader.spanLength;
  const kinds = kindsByType.get(reader.int());
  if (reader.failed || kinds === undefined) return MALFORMED;
  const watcher = r.watcher!;
  const found =
    opcode === Opcode.RemoveWatches
      ? watches.remove(watcher, kinds, bytes, view, start, end)
      : (watches.kindsOf(watcher, bytes, view, start, end) & kinds) !== 0;
  return found ? ErrorCode.Ok : ErrorCode.NoWatcher;
}
