/**
 * Reads a whole snapshot into plain values, for tools and tests; a server fills its tree from the
 * stream instead. Every seal is verified, and nothing may follow the last.
 */
import { ADLER32_START, adler32 } from '../adler32.ts';
import { JuteReader } from '../jute/reader.ts';
import { decodeVector } from '../jute/vector.ts';
import { readAcls } from '../records/acl.ts';
import { decodePersistedStat } from '../records/persisted-stat.ts';
import { asSessionId } from '../session-id.ts';
import { asZxid } from '../zxid.ts';
import {
  SNAPSHOT_END_PATH,
  SNAPSHOT_LAST_ZXID_BYTES,
  SNAPSHOT_MAGIC,
  type Snapshot,
  type SnapshotAcl,
  type SnapshotDigest,
  type SnapshotNode,
  type SnapshotSession,
} from './snapshot-file.ts';
import { DIGEST_VERSION } from './txn-digest.ts';

export interface SnapshotCorrupt {
  readonly kind: 'corrupt';
  readonly reason: SnapshotCorruption;
  /** Where the part begins that could not be read or does not match its seal. */
  readonly offset: number;
}

export type SnapshotCorruption = 'bad-header' | 'bad-record' | 'bad-seal' | 'bytes-left';

export type SnapshotOutcome =
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  | SnapshotCorrupt;

const SESSION_BYTES = 12;
const ACL_BYTES_MIN = 12;

/** What the next seal must say: the checksum of the bytes before `end`. */
interface Sum {
  checksum: number;
  end: number;
}

/** `bytes` is the file after decompression. */
export function decodeSnapshot(bytes: Uint8Array): SnapshotOutcome {
  const reader = JuteReader.over(bytes);
  const sum: Sum = { checksum: ADLER32_START, end: 0 };
  if (!readHeader(reader)) return corrupt('bad-header', 0);
  const tables = decodeTables(reader);
  if (tables === null) return corrupt('bad-record', 0);
  let start = reader.position;
  const nodes = decodeNodes(reader);
  if (nodes === null) return corrupt('bad-record', start);
  if (!readSeal(reader, sum)) return corrupt('bad-seal', start);

  let digest: SnapshotDigest | null = null;
  if (reader.remaining > SNAPSHOT_LAST_ZXID_BYTES) {
    start = reader.position;
    digest = decodeDigest(reader);
    if (digest === null) return corrupt('bad-record', start);
    if (!readSeal(reader, sum)) return corrupt('bad-seal', start);
  }
  let lastZxid: Snapshot['lastZxid'] = null;
  if (reader.remaining === SNAPSHOT_LAST_ZXID_BYTES) {
    start = reader.position;
    lastZxid = asZxid(reader.long());
    if (!readSeal(reader, sum)) return corrupt('bad-seal', start);
  }
  if (reader.remaining > 0) return corrupt('bytes-left', reader.position);
  return { kind: 'snapshot', snapshot: { ...tables, nodes, digest, lastZxid } };
}

function corrupt(reason: SnapshotCorruption, offset: number): SnapshotCorrupt {
  return { kind: 'corrupt', reason, offset };
}

function readHeader(reader: JuteReader): boolean {
  const magic = reader.int();
  reader.int();
  reader.long();
  return magic === SNAPSHOT_MAGIC && !reader.failed;
}

function decodeTables(reader: JuteReader): Pick<Snapshot, 'sessions' | 'acls'> | null {
  const sessions = decodeVector(reader, SESSION_BYTES, decodeSession);
  const acls = decodeVector(reader, ACL_BYTES_MIN, decodeSnapshotAcl);
  return sessions === null || acls === null ? null : { sessions, acls };
}

function decodeSession(reader: JuteReader): SnapshotSession | null {
  const session = { id: asSessionId(reader.long()), timeoutMs: reader.int() };
  return reader.failed ? null : session;
}

function decodeSnapshotAcl(reader: JuteReader): SnapshotAcl | null {
  const key = reader.long();
  const acl = readAcls(reader);
  if (acl === null) reader.fail();
  return acl === null || reader.failed ? null : { key, acl };
}

function decodeNodes(reader: JuteReader): readonly SnapshotNode[] | null {
  const nodes: SnapshotNode[] = [];
  for (;;) {
    const path = reader.string();
    if (path === null) return null;
    if (path === SNAPSHOT_END_PATH) return nodes;
    const data = reader.buffer();
    const aclKey = reader.long();
    const stat = decodePersistedStat(reader);
    if (stat === null) return null;
    nodes.push({ path, data, aclKey, stat });
  }
}

/** Before version 2 the digest was a string of hex digits. */
function decodeDigest(reader: JuteReader): SnapshotDigest | null {
  const zxid = asZxid(reader.long());
  const version = reader.int();
  let treeDigest: bigint | null = null;
  if (version < DIGEST_VERSION) reader.span();
  else treeDigest = reader.long();
  return reader.failed ? null : { zxid, version, treeDigest };
}

/** Reads a seal and compares it with the bytes before it. */
function readSeal(reader: JuteReader, sum: Sum): boolean {
  const end = reader.position;
  sum.checksum = adler32(sum.checksum, reader.bytes, sum.end, end);
  sum.end = end;
  const checksum = reader.long();
  const text = reader.string();
  return text === SNAPSHOT_END_PATH && checksum === BigInt(sum.checksum);
}
