/** sync: an answer in the session's order; the path is echoed and need not exist. */
import { ErrorCode } from '@zabra/wire';
import { MALFORMED } from '../preparation.ts';
import type { Reading } from '../reading.ts';

export function readSync(r: Reading): number {
  const { reader } = r;
  if (reader.span() < 0) return MALFORMED;
  r.out.span(reader.bytes, reader.view, reader.spanStart, reader.spanLength);
  return ErrorCode.Ok;
}

/** ping: a header and nothing else. */
export function readPing(): number {
  return ErrorCode.Ok;
}
