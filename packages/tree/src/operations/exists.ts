/** exists: a Stat, or NoNode; the watch is set in either case. */
import { ErrorCode, Permission } from '@zabra/wire';
import { MALFORMED } from '../preparation.ts';
import type { Reading } from '../reading.ts';
import { WatchKind } from '../watches/watch-kind.ts';

export function readExists(r: Reading): number {
  const { reader } = r;
  if (reader.span() < 0) return MALFORMED;
  const { spanStart, spanLength } = reader;
  const watch = reader.boolean();
  if (reader.failed) return MALFORMED;
  if (reader.bytes.subarray(spanStart, spanStart + spanLength).includes(0)) {
    return ErrorCode.BadArguments;
  }
  const row = r.find();
  if (row >= 0 && !r.may(Permission.Read, row)) return ErrorCode.NoAuth;
  if (watch) r.watch(WatchKind.Data, spanStart, spanLength);
  if (row < 0) return ErrorCode.NoNode;
  r.writeStat(row);
  return ErrorCode.Ok;
}
