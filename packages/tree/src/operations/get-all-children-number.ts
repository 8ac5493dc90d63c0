/** getAllChildrenNumber: every node below, which the tree counts as it goes. */
import { ErrorCode, Permission } from '@zabra/wire';
import { MALFORMED } from '../preparation.ts';
import type { Reading } from '../reading.ts';
import { Field } from '../record.ts';

export function readGetAllChildrenNumber(r: Reading): number {
  if (r.reader.span() < 0) return MALFORMED;
  const row = r.find();
  if (row < 0) return ErrorCode.NoNode;
  if (!r.may(Permission.Read, row)) return ErrorCode.NoAuth;
  r.out.int(r.tree.field(row, Field.Descendants));
  return ErrorCode.Ok;
}
