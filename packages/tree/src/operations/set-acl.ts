/**
 * setACL. It moves aversion and nothing else: no zxid, no time, no watch.
 *
 * Transaction: path ustring, acl vector<ACL>, version int (the new aversion).
 */
import { ErrorCode, Opcode, PathProblem, Permission, pathProblem } from '@zabra/wire';
import { skipAcl } from '../acl/acl-list.ts';
import type { Application } from '../application.ts';
import { MALFORMED, nextVersion, type Preparation } from '../preparation.ts';
import { Field } from '../record.ts';

const ANY_VERSION = -1;

export function prepareSetAcl(p: Preparation): number {
  const { reader, out, node, pending } = p;
  if (reader.span() < 0) return MALFORMED;
  const { spanStart: pathStart, spanLength: pathLength } = reader;
  const aclStart = reader.position;
  skipAcl(reader);
  const aclEnd = reader.position;
  const version = reader.int();
  if (reader.failed) return MALFORMED;
  if (p.session === null || p.session.closing) return ErrorCode.SessionExpired;
  const pathEnd = pathStart + pathLength;
  if (pathProblem(reader.bytes, pathStart, pathEnd) !== PathProblem.Ok) {
    return ErrorCode.BadArguments;
  }
  const acl = p.storedAcl(aclStart, aclEnd);
  if (acl === null) return ErrorCode.InvalidAcl;
  p.copyPath(pathStart, pathLength);
  if (!node.exists) return ErrorCode.NoNode;
  if (!p.may(Permission.Admin, node)) return ErrorCode.NoAuth;
  const current = node.field(Field.Aversion);
  if (version !== ANY_VERSION && version !== current) return ErrorCode.BadVersion;
  const next = nextVersion(current);
  p.writeAcl(acl);
  out.int(next);
  p.type = Opcode.SetAcl;
  p.rebind();
  const record = pending.change(node, p.zxidHigh, p.zxidLow);
  pending.setAclKey(node, p.tree.acls.intern(acl, 0, acl.length));
  record.setInt32(Field.Aversion, next);
  pending.settle(node);
  return ErrorCode.Ok;
}

export function applySetAcl(a: Application): void {
  const { reader, tree } = a;
  const row = a.readNode();
  const aclStart = reader.position;
  skipAcl(reader);
  const aclEnd = reader.position;
  const version = reader.int();
  if (row < 0) return;
  tree.beforeChange(row);
  tree.setAclKey(row, tree.acls.intern(reader.bytes, aclStart, aclEnd));
  tree.viewOf(row).setInt32(tree.offsetOf(row) + Field.Aversion, version);
  tree.afterChange(row);
  a.writeStat(row);
}
