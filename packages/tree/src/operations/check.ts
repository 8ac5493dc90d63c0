/**
 * check: a version test that only makes sense inside a multi and changes nothing.
 *
 * Transaction: path ustring, version int (one above the version found).
 */
import { ErrorCode, Opcode, PathProblem, Permission, pathProblem } from '@zabra/wire';
import type { Application } from '../application.ts';
import { MALFORMED, nextVersion, type Preparation } from '../preparation.ts';
import { Field } from '../record.ts';

const ANY_VERSION = -1;

export function prepareCheck(p: Preparation): number {
  const { reader, out, node } = p;
  if (reader.span() < 0) return MALFORMED;
  const { spanStart: pathStart, spanLength: pathLength } = reader;
  const version = reader.int();
  if (reader.failed) return MALFORMED;
  if (p.decodeOnly) return ErrorCode.Ok;
  if (p.session === null || p.session.closing) return ErrorCode.SessionExpired;
  const pathEnd = pathStart + pathLength;
  if (pathProblem(reader.bytes, pathStart, pathEnd) !== PathProblem.Ok) {
    return ErrorCode.BadArguments;
  }
  p.copyPath(pathStart, pathLength);
  if (!node.exists) return ErrorCode.NoNode;
  if (!p.may(Permission.Read, node)) return ErrorCode.NoAuth;
  const current = node.field(Field.Version);
  if (version !== ANY_VERSION && version !== current) return ErrorCode.BadVersion;
  out.int(nextVersion(current));
  p.type = Opcode.Check;
  return ErrorCode.Ok;
}

export function applyCheck(a: Application): void {
  a.reader.span();
  a.reader.int();
}
