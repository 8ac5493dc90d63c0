/**
 * Writes a snapshot from plain values: the counterpart of snapshot-decode.ts, for tools that repair
 * or make one and for tests. A server writes its own from the tree, in slices.
 */
import { ADLER32_START, adler32 } from '../adler32.ts';
import { writeVector } from '../jute/vector.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { writeAcls } from '../records/acl.ts';
import { encodePersistedStat } from '../records/persisted-stat.ts';
import {
  SNAPSHOT_DB_ID,
  SNAPSHOT_END_PATH,
  SNAPSHOT_MAGIC,
  SNAPSHOT_VERSION,
  type Snapshot,
  type SnapshotAcl,
  type SnapshotDigest,
  type SnapshotNode,
  type SnapshotSession,
} from './snapshot-file.ts';

/** Writes the whole file; the digest, if there is one, must have a treeDigest. */
export function encodeSnapshot(writer: JuteWriter, snapshot: Snapshot): void {
  const start = writer.position;
  writer.int(SNAPSHOT_MAGIC);
  writer.int(SNAPSHOT_VERSION);
  writer.long(SNAPSHOT_DB_ID);
  writeVector(writer, snapshot.sessions, encodeSession);
  writeVector(writer, snapshot.acls, encodeSnapshotAcl);
  for (const node of snapshot.nodes) encodeNode(writer, node);
  writer.string(SNAPSHOT_END_PATH);
  writeSeal(writer, start);
  if (snapshot.digest !== null) {
    encodeDigest(writer, snapshot.digest);
    writeSeal(writer, start);
  }
  if (snapshot.lastZxid !== null) {
    writer.long(snapshot.lastZxid);
    writeSeal(writer, start);
  }
}

function encodeSession(writer: JuteWriter, session: SnapshotSession): void {
  writer.long(session.id);
  writer.int(session.timeoutMs);
}

function encodeSnapshotAcl(writer: JuteWriter, entry: SnapshotAcl): void {
  writer.long(entry.key);
  writeAcls(writer, entry.acl);
}

function encodeNode(writer: JuteWriter, node: SnapshotNode): void {
  writer.string(node.path);
  writer.buffer(node.data);
  writer.long(node.aclKey);
  encodePersistedStat(writer, node.stat);
}

function encodeDigest(writer: JuteWriter, digest: SnapshotDigest): void {
  writer.long(digest.zxid);
  writer.int(digest.version);
  writer.long(digest.treeDigest ?? 0n);
}

/** The checksum starts anew at every seal: this is not the path on which time counts. */
function writeSeal(writer: JuteWriter, start: number): void {
  writer.long(BigInt(adler32(ADLER32_START, writer.bytes, start, writer.position)));
  writer.string(SNAPSHOT_END_PATH);
}
