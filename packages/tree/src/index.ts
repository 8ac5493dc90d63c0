export { type AclEntry, AclList, encodeAclEntries, readAclEntries } from './acl/acl-list.ts';
export { AclTable, OPEN_ACL, OPEN_ACL_KEY } from './acl/acl-table.ts';
export { Identities, type Identity } from './acl/identity.ts';
export { parseAddress, parseIpRange, rangeHolds } from './acl/ip-range.ts';
export { Application } from './application.ts';
export {
  applyTransaction,
  DigestCheck,
  TXN_DIGEST_BYTES,
  TXN_HEADER_BYTES,
  TxnField,
} from './apply.ts';
export { DIGEST_VERSION, DigestSum } from './digest.ts';
export { createFreshTree } from './fresh-tree.ts';
export { IdMap } from './id-map.ts';
export type { Members } from './members.ts';
export { EphemeralWish } from './operations/ephemeral-wish.ts';
export { removeEphemerals } from './operations/session.ts';
export {
  type Apply,
  applies,
  eventfulReads,
  internalWrites,
  type Prepare,
  type Read,
  reads,
  writes,
} from './operations/table.ts';
export type { HashKey } from './path-hash.ts';
export { Pending } from './pending.ts';
export { MALFORMED, Preparation } from './preparation.ts';
export { type QuotaReport, QuotaTable } from './quota/quota-table.ts';
export { Reading } from './reading.ts';
export { Field, Flag, OwnerKind, ownerKind, STAT_BYTES, ttlMsOf } from './record.ts';
export { CONFIG_PATH, QUOTA_PATH, ZOOKEEPER_PATH } from './reserved-paths.ts';
export { Session, SessionTable, type SessionView } from './sessions/session-table.ts';
export type { TreeSettings } from './settings.ts';
export {
  type SnapshotFacts,
  type SnapshotForm,
  SnapshotReader,
} from './snapshot/snapshot-reader.ts';
export { type SnapshotOptions, SnapshotWriter } from './snapshot/snapshot-writer.ts';
export { NO_ROW, ROOT_ROW, Tree, type TreeOptions } from './tree.ts';
export { WatchKind } from './watches/watch-kind.ts';
export {
  type EventSink,
  type WatchedPath,
  type WatchSummary,
  WatchTable,
} from './watches/watch-table.ts';
export { type Watcher, Watching } from './watches/watchers.ts';
