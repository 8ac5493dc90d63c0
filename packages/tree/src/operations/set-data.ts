/**
 * setData.
 *
 * Transaction: path ustring, data buffer, version int (the new one).
 */
import {
  crc32Extend,
  ErrorCode,
  EventType,
  Opcode,
  PathProblem,
  Permission,
  pathProblem,
} from '@zabra/wire';
import type { Application } from '../application.ts';
import { MALFORMED, nextVersion, type Preparation } from '../preparation.ts';
import { Field, setLong } from '../record.ts';

const ANY_VERSION = -1;

export function prepareSetData(p: Preparation): number {
  const { reader, out, node } = p;
  if (reader.span() < 0) return MALFORMED;
  const { spanStart: pathStart, spanLength: pathLength } = reader;
  const dataLength = reader.span();
  const dataStart = reader.spanStart;
  const version = reader.int();
  if (reader.failed) return MALFORMED;
  if (p.decodeOnly) return ErrorCode.Ok;
  if (p.session === null || p.session.closing) return ErrorCode.SessionExpired;
  const pathEnd = pathStart + pathLength;
  if (pathProblem(reader.bytes, pathStart, pathEnd) !== PathProblem.Ok) {
    return ErrorCode.BadArguments;
  }
  const start = p.copyPath(pathStart, pathLength);
  if (!node.exists) return ErrorCode.NoNode;
  if (!p.may(Permission.Write, node)) return ErrorCode.NoAuth;
  const growth = Math.max(dataLength, 0) - node.field(Field.DataLength);
  if (p.quotas.refuses(out.bytes, start, out.position, 0, growth)) return ErrorCode.QuotaExceeded;
  const current = node.field(Field.Version);
  if (version !== ANY_VERSION && version !== current) return ErrorCode.BadVersion;
  writeData(p, reader.bytes, reader.view, dataStart, dataLength, nextVersion(current));
  p.type = Opcode.SetData;
  return ErrorCode.Ok;
}

/** Puts data and version behind the path in the transaction, and into the node as it will be. */
export function writeData(
  p: Preparation,
  bytes: Uint8Array,
  view: DataView,
  start: number,
  byteCount: number,
  version: number,
): void {
  const { out, node, pending } = p;
  out.span(bytes, view, start, byteCount);
  const dataAt = out.position - Math.max(byteCount, 0);
  out.int(version);
  p.rebind();
  const record = pending.change(node, p.zxidHigh, p.zxidLow);
  const pathCrc = record.getInt32(Field.PathCrc);
  const crc = byteCount > 0 ? crc32Extend(pathCrc, out.view, dataAt, dataAt + byteCount) : pathCrc;
  record.setInt32(Field.DataCrc, crc);
  record.setInt32(Field.DataLength, Math.max(byteCount, 0));
  record.setInt32(Field.Version, version);
  setLong(record, Field.Mzxid, p.zxidHigh, p.zxidLow);
  setLong(record, Field.Mtime, p.timeHigh, p.timeLow);
  pending.settle(node);
}

export function applySetData(a: Application): void {
  const row = replaceData(a);
  if (row >= 0) a.writeStat(row);
}

/** Carries it out and tells those who watch; the row, or -1 where replay misses the node. */
export function replaceData(a: Application): number {
  const { reader, tree } = a;
  const row = a.readNode();
  const pathStart = reader.spanStart;
  const pathEnd = pathStart + reader.spanLength;
  const dataLength = reader.span();
  const dataStart = reader.spanStart;
  const version = reader.int();
  if (row < 0) return row;
  const view = tree.viewOf(row);
  const at = tree.offsetOf(row);
  const growth = Math.max(dataLength, 0) - view.getInt32(at + Field.DataLength);
  tree.beforeChange(row);
  tree.setData(row, reader.bytes, reader.view, dataStart, dataLength);
  view.setInt32(at + Field.Version, version);
  setLong(view, at + Field.Mzxid, a.zxidHigh, a.zxidLow);
  setLong(view, at + Field.Mtime, a.timeHigh, a.timeLow);
  tree.afterChange(row);
  a.quotas.onSetData(row, growth, reader.bytes, pathStart, pathEnd);
  a.watches.fire(
    EventType.DataChanged,
    a.aclOf(row),
    reader.bytes,
    reader.view,
    pathStart,
    pathEnd,
  );
  return row;
}
