/** getEphemerals: the session's own paths that start with a plain text prefix. */
import { ErrorCode } from '@zabra/wire';
import { MALFORMED } from '../preparation.ts';
import type { Reading } from '../reading.ts';

export function readGetEphemerals(r: Reading): number {
  const prefix = r.reader.string() ?? '';
  if (r.reader.failed) return MALFORMED;
  const { tree, out, session } = r;
  const all = prefix.trim() === '' || prefix.trim() === '/';
  const countAt = out.position;
  out.int(0);
  let count = 0;
  const rows = session === null ? undefined : tree.ephemerals.get(session.high, session.low);
  for (const row of rows ?? []) {
    const path = tree.pathOf(row);
    if (!all && !path.startsWith(prefix)) continue;
    out.string(path);
    count += 1;
  }
  out.view.setInt32(countAt, count);
  return ErrorCode.Ok;
}
