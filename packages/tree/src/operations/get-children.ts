/** getChildren: names in no promised order; getChildren2 adds the node's own Stat. */
import { ErrorCode, Opcode, Permission } from '@zabra/wire';
import { MALFORMED } from '../preparation.ts';
import type { Reading } from '../reading.ts';
import { Field } from '../record.ts';
import { WatchKind } from '../watches/watch-kind.ts';

export function readGetChildren(r: Reading, opcode: number): number {
  const { reader } = r;
  if (reader.span() < 0) return MALFORMED;
  const { spanStart, spanLength } = reader;
  const watch = reader.boolean();
  if (reader.failed) return MALFORMED;
  const row = r.find();
  if (row < 0) return ErrorCode.NoNode;
  if (!r.may(Permission.Read, row)) return ErrorCode.NoAuth;
  if (watch) r.watch(WatchKind.Child, spanStart, spanLength);
  writeNames(r, row);
  if (opcode === Opcode.GetChildren2) r.writeStat(row);
  return ErrorCode.Ok;
}

function writeNames(r: Reading, parent: number): void {
  const { tree, out } = r;
  const { slab } = tree;
  out.int(tree.field(parent, Field.NumChildren));
  let child = tree.field(parent, Field.FirstChild) - 1;
  while (child >= 0) {
    const view = tree.viewOf(child);
    const at = tree.offsetOf(child);
    const handle = view.getInt32(at + Field.NameHandle);
    const length = view.getInt32(at + Field.NameLength);
    out.span(slab.bytesOf(handle), slab.viewOf(handle), slab.offsetOf(handle), length);
    child = view.getInt32(at + Field.NextSibling) - 1;
  }
}
