/**
 * The transactions that open and close a session.
 *
 *     CreateSessionTxn = int timeOut
 *     CloseSessionTxn  = vector<ustring> paths2Delete, or nothing at all
 *
 * Closing came without a body before 3.6 and still does where it is switched off. A digest may then
 * follow at once, and only the number of bytes left tells the two apart.
 */
import type { JuteReader } from '../jute/reader.ts';
import { decodeTexts, encodeTexts } from '../jute/vector.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { DIGEST_VERSION, TXN_DIGEST_BYTES } from './txn-digest.ts';

export interface CreateSessionTxn {
  readonly timeoutMs: number;
}

export function encodeCreateSessionTxn(writer: JuteWriter, txn: CreateSessionTxn): void {
  writer.int(txn.timeoutMs);
}

export function decodeCreateSessionTxn(reader: JuteReader): CreateSessionTxn | null {
  const timeoutMs = reader.int();
  return reader.failed ? null : { timeoutMs };
}

export interface CloseSessionTxn {
  /** The ephemeral nodes to remove; null when the record has no body. */
  readonly paths: readonly string[] | null;
}

export function encodeCloseSessionTxn(writer: JuteWriter, txn: CloseSessionTxn): void {
  if (txn.paths !== null) encodeTexts(writer, txn.paths);
}

export function decodeCloseSessionTxn(reader: JuteReader): CloseSessionTxn | null {
  if (reader.failed) return null;
  if (reader.remaining === 0 || isBareDigest(reader)) return { paths: null };
  const paths = decodeTexts(reader);
  return paths === null ? null : { paths };
}

/** As a list of paths these bytes would be two empty ones, which no session can own. */
function isBareDigest(reader: JuteReader): boolean {
  if (reader.remaining !== TXN_DIGEST_BYTES) return false;
  return reader.view.getInt32(reader.position) === DIGEST_VERSION;
}
