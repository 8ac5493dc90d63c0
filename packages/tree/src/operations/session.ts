/**
 * createSession and closeSession, which the server issues for its clients.
 *
 * createSession: timeout int. closeSession: vector of the paths it deletes, absent in logs of
 * before 3.6 and where the list would not fit a transaction.
 */
import { ErrorCode, JuteWriter, Opcode } from '@zabra/wire';
import type { Application } from '../application.ts';
import { copied } from '../copied.ts';
import type { Preparation } from '../preparation.ts';
import { Field, setLong } from '../record.ts';
import { deleteNode } from './delete.ts';

/** Room that a record's header, digest and counts take beside the paths. */
const RECORD_SLACK_BYTES = 256;

/** The body is the negotiated timeout, as the reader holds it. */
export function prepareCreateSession(p: Preparation): number {
  p.out.int(p.session!.timeoutMs);
  p.type = Opcode.CreateSession;
  return ErrorCode.Ok;
}

export function applyCreateSession(a: Application): void {
  a.sessions.open(a.sessionHigh, a.sessionLow, a.reader.int());
}

/** Never fails: lists and removes every ephemeral the session has or will have by then. */
export function prepareCloseSession(p: Preparation): number {
  const { out, session } = p;
  session!.closing = true;
  p.type = Opcode.CloseSession;
  const countAt = out.position;
  out.int(0);
  let count = 0;
  for (const path of ownedPaths(p)) {
    const lengthAt = out.position;
    out.buffer(path);
    if (removeOwned(p, path)) count += 1;
    else out.position = lengthAt;
  }
  out.view.setInt32(countAt, count);
  if (!p.settings.closeSessionPaths || isTooLong(p, countAt)) out.position = countAt;
  return ErrorCode.Ok;
}

function isTooLong(p: Preparation, from: number): boolean {
  return p.out.position - from > p.settings.txnBytesMax - RECORD_SLACK_BYTES;
}

/** Copies, because the removals that follow change what is walked here. */
function ownedPaths(p: Preparation): Uint8Array[] {
  const { tree, pending, session } = p;
  const { high, low } = session!;
  const paths: Uint8Array[] = [];
  const writer = new JuteWriter(64);
  for (const row of tree.ephemerals.get(high, low) ?? []) {
    writer.position = 0;
    tree.writePath(row, writer);
    paths.push(writer.finish());
  }
  pending.forEachOwned(high, low, (bytes, start, end) => paths.push(copied(bytes, start, end)));
  return paths;
}

/**
 * Takes a path out of the future tree if the session owns it there. The future keeps the path's own
 * bytes: the transaction may end up without its list.
 */
function removeOwned(p: Preparation, path: Uint8Array): boolean {
  const { pending, node, parent, session, zxidHigh, zxidLow } = p;
  const view = new DataView(path.buffer, path.byteOffset, path.byteLength);
  pending.locate(node, path, view, 0, path.length);
  if (!node.exists) return false;
  if (node.field(Field.Owner) !== session!.high) return false;
  if (node.field(Field.Owner + 4) !== session!.low) return false;
  const slash = path.lastIndexOf(0x2f);
  pending.locate(parent, path, view, 0, Math.max(slash, 1));
  pending.change(node, zxidHigh, zxidLow);
  pending.settleGone(node);
  const record = pending.change(parent, zxidHigh, zxidLow);
  setLong(record, Field.Pzxid, zxidHigh, zxidLow);
  record.setInt32(Field.NumChildren, record.getInt32(Field.NumChildren) - 1);
  pending.settle(parent);
  return true;
}

export function applyCloseSession(a: Application): void {
  const { reader } = a;
  const count = reader.remaining > 0 ? reader.count(4) : 0;
  for (let i = 0; i < count; i += 1) {
    reader.span();
    const start = reader.spanStart;
    deleteNode(a, reader.bytes, reader.view, start, start + reader.spanLength);
  }
  removeEphemerals(a);
  a.sessions.close(a.sessionHigh, a.sessionLow);
}

/** Whatever the session still owns: all of it where the transaction lists no paths. */
export function removeEphemerals(a: Application): void {
  const { tree } = a;
  const rows = tree.ephemerals.get(a.sessionHigh, a.sessionLow);
  if (rows === undefined) return;
  const writer = new JuteWriter(64);
  for (const row of [...rows]) {
    writer.position = 0;
    tree.writePath(row, writer);
    deleteNode(a, writer.bytes, writer.view, 0, writer.position);
  }
}
