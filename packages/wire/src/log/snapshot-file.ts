/**
 * How a snapshot is laid out, before any compression. Every seal holds the Adler-32 of all bytes
 * from the first to just before it, earlier seals included.
 *
 *     file       = FileHeader, sessions, acls, nodes, seal, [digest, seal], [long lastZxid, seal]
 *     FileHeader = int magic "ZKSN", int version 2, long dbid -1
 *     sessions   = int n, n of { long id, int timeOut }
 *     acls       = int n, n of { long key, vector<ACL> acl }
 *     nodes      = { ustring path, node }, ustring "/"
 *     node       = buffer data, long aclKey, StatPersisted stat
 *     seal       = long checksum, ustring "/"
 *     digest     = long zxid, int version, long treeDigest
 *
 * The root's path is empty and comes first; every parent comes before its children. The two optional
 * sections have no mark: which are there is told by the number of bytes left.
 */
import type { Acl } from '../records/acl.ts';
import type { PersistedStat } from '../records/persisted-stat.ts';
import type { SessionId } from '../session-id.ts';
import type { Zxid } from '../zxid.ts';

export const SNAPSHOT_MAGIC = 0x5a4b534e;
export const SNAPSHOT_VERSION = 2;
export const SNAPSHOT_DB_ID: bigint = -1n;
/** The path behind the last node and the text of every seal. */
export const SNAPSHOT_END_PATH = '/';
export const SNAPSHOT_SEAL_BYTES = 13;
/** A sealed lastZxid section. */
export const SNAPSHOT_LAST_ZXID_BYTES: number = 8 + SNAPSHOT_SEAL_BYTES;
/** The key of the open list of nodes that were made without one; keys of others start at 1. */
export const OPEN_ACL_KEY: bigint = -1n;

export interface SnapshotSession {
  readonly id: SessionId;
  readonly timeoutMs: number;
}

export interface SnapshotAcl {
  readonly key: bigint;
  readonly acl: readonly Acl[];
}

export interface SnapshotNode {
  readonly path: string;
  readonly data: Uint8Array | null;
  readonly aclKey: bigint;
  readonly stat: PersistedStat;
}

export interface SnapshotDigest {
  /** The last transaction it covers; 0 in a snapshot that has nothing to compare. */
  readonly zxid: Zxid;
  readonly version: number;
  /** Null for a version below 2, whose digests nobody compares any more. */
  readonly treeDigest: bigint | null;
}

export interface Snapshot {
  readonly sessions: readonly SnapshotSession[];
  readonly acls: readonly SnapshotAcl[];
  readonly nodes: readonly SnapshotNode[];
  /** Null before 3.6 and where it is switched off. */
  readonly digest: SnapshotDigest | null;
  /** Null before 3.9 and where it is switched off. */
  readonly lastZxid: Zxid | null;
}
