/**
 * delete, and deleteContainer, which only the server itself issues.
 *
 * Transaction: path ustring.
 */
import { ErrorCode, Permission } from '@zabra/wire';
import type { Application } from '../application.ts';
import { lastSlash, MALFORMED, type Preparation } from '../preparation.ts';
import { Field, OwnerKind, ownerKind, setLong, ttlMsOf } from '../record.ts';
import { isUndeletable } from '../reserved-paths.ts';
import type { Tree } from '../tree.ts';

const ANY_VERSION = -1;

export function prepareDelete(p: Preparation, opcode: number): number {
  const { reader } = p;
  if (reader.span() < 0) return MALFORMED;
  const { spanStart, spanLength } = reader;
  const version = reader.int();
  if (reader.failed) return MALFORMED;
  if (p.decodeOnly) return ErrorCode.Ok;
  if (p.session === null || p.session.closing) return ErrorCode.SessionExpired;
  const slash = writePath(p, spanStart, spanLength);
  if (slash < 0) return ErrorCode.BadArguments;
  const { node, parent } = p;
  if (!parent.exists) return ErrorCode.NoNode;
  if (!p.may(Permission.Delete, parent)) return ErrorCode.NoAuth;
  if (!node.exists) return ErrorCode.NoNode;
  if (version !== ANY_VERSION && version !== node.field(Field.Version)) return ErrorCode.BadVersion;
  if (node.field(Field.NumChildren) > 0) return ErrorCode.NotEmpty;
  p.type = opcode;
  removeInFuture(p);
  return ErrorCode.Ok;
}

/**
 * Deletes a container or TTL node whose time has come; path in [start, length) of the reader. It
 * may have gained a child, been set anew or vanished since it was chosen, so it is checked again.
 */
export function prepareDeleteContainer(p: Preparation, opcode: number): number {
  const { reader } = p;
  if (reader.span() < 0) return MALFORMED;
  if (writePath(p, reader.spanStart, reader.spanLength) < 0) return ErrorCode.BadArguments;
  const { node } = p;
  if (!node.exists) return ErrorCode.NoNode;
  const high = node.field(Field.Owner);
  const kind = ownerKind(high, node.field(Field.Owner + 4), p.settings.extendedTypes);
  if (kind === OwnerKind.Session) return ErrorCode.BadVersion;
  if (node.field(Field.NumChildren) > 0) return ErrorCode.NotEmpty;
  if (kind === OwnerKind.Ttl && !isOver(p)) return ErrorCode.BadVersion;
  p.type = opcode;
  removeInFuture(p);
  return ErrorCode.Ok;
}

/** Whether the node's time to live has passed, counted from a setData that may not be applied yet. */
function isOver({ node, timeHigh, timeLow }: Preparation): boolean {
  const ageMs =
    millisOf(timeHigh, timeLow) - millisOf(node.field(Field.Mtime), node.field(Field.Mtime + 4));
  return ageMs > ttlMsOf(node.field(Field.Owner), node.field(Field.Owner + 4));
}

function millisOf(high: number, low: number): number {
  return high * 2 ** 32 + (low >>> 0);
}

/** Copies the path into the transaction and locates it and its parent; -1 for a path refused. */
function writePath(p: Preparation, pathStart: number, pathLength: number): number {
  const { reader, out } = p;
  const pathEnd = pathStart + pathLength;
  const slashIn = lastSlash(reader.bytes, pathStart, pathEnd);
  if (slashIn < 0 || isUndeletable(reader.bytes, pathStart, pathEnd)) return -1;
  out.int(pathLength);
  const start = out.position;
  out.raw(reader.bytes, reader.view, pathStart, pathLength);
  const slash = start + slashIn - pathStart;
  p.locateParent(start, slash);
  p.locateNode(start, out.position);
  return slash;
}

function removeInFuture(p: Preparation): void {
  const { node, parent, pending, zxidHigh, zxidLow } = p;
  pending.change(node, zxidHigh, zxidLow);
  pending.settleGone(node);
  const record = pending.change(parent, zxidHigh, zxidLow);
  setLong(record, Field.Pzxid, zxidHigh, zxidLow);
  record.setInt32(Field.NumChildren, record.getInt32(Field.NumChildren) - 1);
  pending.settle(parent);
}

export function applyDelete(a: Application): void {
  const { reader } = a;
  reader.span();
  deleteNode(a, reader.bytes, reader.view, reader.spanStart, reader.spanStart + reader.spanLength);
}

/** Removes the node at a path, fires its watches and its parent's, and moves the parent's pzxid. */
export function deleteNode(
  a: Application,
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
): void {
  const { tree } = a;
  const row = tree.find(bytes, view, start, end);
  const slash = lastSlash(bytes, start, end);
  const parentEnd = slash === start ? start + 1 : slash;
  const parent = tree.find(bytes, view, start, parentEnd);
  if (parent < 0) return;
  if (row < 0) {
    // A replayed delete still moves the parent, which the snapshot may hold as it was before.
    a.touchParent(parent);
    return;
  }
  const acl = a.aclOf(row);
  a.quotas.onDelete(row, bytes, start, end);
  if (a.tolerant) removeDescendants(tree, row);
  tree.remove(row);
  a.touchParent(parent);
  a.watches.fireDeleted(acl, bytes, view, start, end);
  a.watches.fireChildren(a.aclOf(parent), bytes, view, start, parentEnd);
}

/**
 * A snapshot written while the tree changed may show, below a node whose delete is replayed, the
 * children of a later node of the same name. They go with it; the log brings them back.
 */
function removeDescendants(tree: Tree, top: number): void {
  const rows = [top];
  for (let i = 0; i < rows.length; i += 1) tree.forEachChild(rows[i]!, (row) => rows.push(row));
  for (const row of rows.slice(1).reverse()) tree.remove(row);
}
