/**
 * multiRead: getData and getChildren in one request, each with an answer or an error of its own. No
 * watch is set, whatever the flags say.
 */
import { ErrorCode, Opcode } from '@zabra/wire';
import { MALFORMED } from '../preparation.ts';
import type { Reading } from '../reading.ts';
import { readGetChildren } from './get-children.ts';
import { readGetData } from './get-data.ts';

/** A request of a megabyte may ask for gigabytes; no client accepts an answer near this. */
const REPLY_BYTES_MAX = 4 * 1024 * 1024;

type Read = (r: Reading, opcode: number) => number;

const reads: ReadonlyMap<number, Read> = new Map<number, Read>([
  [Opcode.GetData, readGetData],
  [Opcode.GetChildren, readGetChildren],
]);

export function readMultiRead(r: Reading): number {
  const { reader, out } = r;
  const replyStart = out.position;
  for (;;) {
    const opcode = reader.int();
    const done = reader.boolean();
    reader.int();
    if (reader.failed) return MALFORMED;
    if (done) break;
    const read = reads.get(opcode);
    if (read === undefined) return MALFORMED;
    const start = out.position;
    if (start - replyStart > REPLY_BYTES_MAX) return MALFORMED;
    out.int(opcode);
    out.boolean(false);
    out.int(ErrorCode.Ok);
    const error = readUnwatched(r, read, opcode);
    if (error === MALFORMED) return MALFORMED;
    if (error !== ErrorCode.Ok) {
      out.position = start;
      out.int(Opcode.Error);
      out.boolean(false);
      out.int(error);
      out.int(error);
    }
  }
  out.int(-1);
  out.boolean(true);
  out.int(-1);
  return ErrorCode.Ok;
}

/** A reading without a watcher cannot register anything. */
function readUnwatched(r: Reading, read: Read, opcode: number): number {
  const { watcher } = r;
  r.watcher = null;
  const error = read(r, opcode);
  r.watcher = watcher;
  return error;
}
