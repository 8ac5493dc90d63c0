/** getData: data buffer, stat Stat. */
import { ErrorCode, Permission } from '@zabra/wire';
import { MALFORMED } from '../preparation.ts';
import type { Reading } from '../reading.ts';
import { WatchKind } from '../watches/watch-kind.ts';

export function readGetData(r: Reading): number {
  const { reader } = r;
  if (reader.span() < 0) return MALFORMED;
  const { spanStart, spanLength } = reader;
  const watch = reader.boolean();
  if (reader.failed) return MALFORMED;
  const row = r.find();
  if (row < 0) return ErrorCode.NoNode;
  if (!r.may(Permission.Read, row)) return ErrorCode.NoAuth;
  if (watch) r.watch(WatchKind.Data, spanStart, spanLength);
  r.tree.writeData(row, r.out);
  r.writeStat(row);
  return ErrorCode.Ok;
}
