/** addWatch: a watch that stays, on a node that need not exist; nobody's permission is asked. */
import { AddWatchMode, ErrorCode } from '@zabra/wire';
import { MALFORMED } from '../preparation.ts';
import type { Reading } from '../reading.ts';
import { WatchKind } from '../watches/watch-kind.ts';

const kinds: ReadonlyMap<number, number> = new Map([
  [AddWatchMode.Persistent, WatchKind.Persistent],
  [AddWatchMode.PersistentRecursive, WatchKind.Recursive],
]);

export function readAddWatch(r: Reading): number {
  const { reader } = r;
  if (reader.span() < 0) return MALFORMED;
  const { spanStart, spanLength } = reader;
  const kind = kinds.get(reader.int());
  if (reader.failed || kind === undefined) return MALFORMED;
  r.watch(kind, spanStart, spanLength);
  // An ErrorResponse, of which clients expect the zero.
  r.out.int(ErrorCode.Ok);
  return ErrorCode.Ok;
}
