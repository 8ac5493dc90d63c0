/**
 * Carries out one transaction as the log holds it: header, record, and the digest that the tree must
 * have afterwards.
 *
 * TxnHeader: clientId long, cxid int, zxid long, time long, type int. TxnDigest: version int,
 * digest long.
 */
import { assert, Opcode } from '@zabra/wire';
import type { Application } from './application.ts';
import { DIGEST_VERSION } from './digest.ts';
import { applies } from './operations/table.ts';

export const TXN_HEADER_BYTES = 32;
export const TXN_DIGEST_BYTES = 12;

/** Offsets within a transaction's header. */
export const TxnField = { Session: 0, Cxid: 8, Zxid: 12, Time: 20, Type: 28 } as const;

export const DigestCheck = { None: 0, Equal: 1, Different: 2 } as const;
export type DigestCheck = (typeof DigestCheck)[keyof typeof DigestCheck];

/** Applies the transaction in bytes[start, end) and compares the digest it carries. */
export function applyTransaction(
  a: Application,
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
): DigestCheck {
  const { reader, tree } = a;
  a.sessionHigh = view.getInt32(start + TxnField.Session);
  a.sessionLow = view.getInt32(start + TxnField.Session + 4);
  a.zxidHigh = view.getInt32(start + TxnField.Zxid);
  a.zxidLow = view.getInt32(start + TxnField.Zxid + 4);
  a.timeHigh = view.getInt32(start + TxnField.Time);
  a.timeLow = view.getInt32(start + TxnField.Time + 4);
  const type = view.getInt32(start + TxnField.Type);
  a.error = 0;
  a.result.position = 0;
  const apply = applies.get(type);
  assert(apply !== undefined, `transaction type ${type} is known`);
  const bodyStart = start + TXN_HEADER_BYTES;
  // A closeSession written without its list may still be followed by a digest.
  const bare = type === Opcode.CloseSession && isDigest(view, bodyStart, end);
  reader.reset(bytes, view, bodyStart, bare ? bodyStart : end);
  apply(a, type);
  const digestAt = bare ? bodyStart : reader.position;
  if (!isDigest(view, digestAt, end)) return DigestCheck.None;
  const same = tree.digest.equals(view.getInt32(digestAt + 4), view.getInt32(digestAt + 8));
  return same ? DigestCheck.Equal : DigestCheck.Different;
}

function isDigest(view: DataView, at: number, end: number): boolean {
  return end - at === TXN_DIGEST_BYTES && view.getInt32(at) === DIGEST_VERSION;
}
