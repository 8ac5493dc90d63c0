/**
 * The digest of the whole tree after a transaction; it stands behind most of them.
 *
 *     TxnDigest = int version, long treeDigest
 */
import type { JuteReader } from '../jute/reader.ts';
import type { JuteWriter } from '../jute/writer.ts';

export const TXN_DIGEST_BYTES = 12;

/** The only version whose digests can be compared. */
export const DIGEST_VERSION = 2;

export interface TxnDigest {
  readonly version: number;
  /** A sum modulo 2^64, kept signed. */
  readonly treeDigest: bigint;
}

export function encodeTxnDigest(writer: JuteWriter, digest: TxnDigest): void {
  writer.int(digest.version);
  writer.long(digest.treeDigest);
}

export function decodeTxnDigest(reader: JuteReader): TxnDigest | null {
  const digest: TxnDigest = { version: reader.int(), treeDigest: reader.long() };
  return reader.failed ? null : digest;
}
