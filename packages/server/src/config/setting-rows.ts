// Which key of zoo.cfg sets what, and how its value is read. Apache tells keys of the file from Java
// properties, and some can be set in one of the two ways only; here every key works everywhere.

import type { Assignment } from './origin.ts';
import * as read from './readers.ts';
import type { ServerSettings } from './settings.ts';

export interface Row<T> {
  readonly key: string;
  /** Further names: those the Apache documentation prints where its code reads another. */
  readonly aliases?: readonly string[];
  /** A value that is as good as leaving the key out. */
  readonly unset?: string;
  readonly read: read.Reader<T>;
}

/** The list of members is no single key's; member-list.ts reads it. */
type Rows = {
  readonly [Name in Exclude<keyof ServerSettings, 'ensemble'>]: Row<ServerSettings[Name]>;
};

const int32Max = 0x7fffffff;
const kilobyte = 1024;

const fourLetterWords: read.Reader<'all' | readonly string[]> = (given, warn) => {
  const listed = read.words(given, warn);
  return listed.includes('*') ? 'all' : listed;
};

const snapshotTransactions: read.Reader<number> = (given, warn) =>
  atLeast(2, 'a snapshot after every write stops the server from writing', given, warn);

const snapshotsRetained: read.Reader<number> = (given, warn) =>
  atLeast(3, 'fewer are not safe to keep', given, warn);

/** Numbers that are raised, as ZooKeeper raises them, but not in silence. */
function atLeast(
  least: number,
  reason: string,
  given: Assignment,
  warn: (warning: string) => void,
): number {
  const count = read.integer(-int32Max)(given, warn);
  if (count < least) warn(`${read.quote(given)} is raised to ${least}: ${reason}.`);
  return Math.max(count, least);
}

export const settingRows: Rows = {
  clientPort: { key: 'clientPort', read: read.port },
  clientPortAddress: { key: 'clientPortAddress', read: read.optionalText },
  listenBacklog: { key: 'clientPortListenBacklog', read: read.integer(-1) },
  connectionsPerAddressMax: { key: 'maxClientCnxns', read: read.size(1) },
  connectionsMax: { key: 'maxCnxns', read: read.size(1) },
  sessionlessTimeoutMs: { key: 'nio.sessionlessCnxnTimeout', read: read.integer(1) },
  clientTcpKeepAlive: { key: 'clientTcpKeepAlive', read: read.javaBoolean },
  fourLetterWords: { key: '4lw.commands.whitelist', read: fourLetterWords },
  tickTimeMs: { key: 'tickTime', read: read.integer(1) },
  sessionTimeoutMsMin: { key: 'minSessionTimeout', unset: '-1', read: read.integer(0) },
  sessionTimeoutMsMax: { key: 'maxSessionTimeout', unset: '-1', read: read.integer(1) },
  dataDir: { key: 'dataDir', read: read.text },
  dataLogDir: { key: 'dataLogDir', read: read.text },
  dataDirAutocreate: { key: 'datadir.autocreate', read: read.javaBoolean },
  databaseAutocreate: { key: 'db.autocreate', read: read.javaBoolean },
  trustEmptySnapshot: { key: 'snapshot.trust.empty', read: read.javaBoolean },
  snapshotTransactions: { key: 'snapCount', read: snapshotTransactions },
  snapshotLogBytes: { key: 'snapSizeLimitInKb', read: read.size(kilobyte) },
  logFileBytesMax: { key: 'txnLogSizeLimitInKb', read: read.size(kilobyte) },
  logPreallocationBytes: { key: 'preAllocSize', read: read.size(kilobyte) },
  forceSync: { key: 'forceSync', read: read.onUnlessNo },
  fsyncWarningMs: { key: 'fsync.warningthresholdms', read: read.integer(0) },
  snapshotCompression: {
    key: 'snapshot.compression.method',
    read: read.oneOf({ '': 'none', none: 'none', gz: 'gz', snappy: 'snappy' }),
  },
  snapshotsRetained: { key: 'autopurge.snapRetainCount', read: snapshotsRetained },
  purgeIntervalMs: { key: 'autopurge.purgeInterval', read: read.intervalMs },
  serializeLastProcessedZxid: {
    key: 'serializeLastProcessedZxid.enabled',
    read: read.javaBoolean,
  },
  digestEnabled: { key: 'digest.enabled', read: read.javaBoolean },
  closeSessionTransactions: { key: 'closeSessionTxn.enabled', read: read.javaBoolean },
  frameBytesMax: { key: 'jute.maxbuffer', read: read.integer(1) },
  frameBytesExtra: { key: 'jute.maxbuffer.extrasize', read: read.integer(0) },
  outstandingRequestsMax: { key: 'globalOutstandingLimit', read: read.integer(1) },
  throttleRequestsMax: {
    key: 'request_throttle_max_requests',
    aliases: ['requestThrottleLimit'],
    read: read.size(1),
  },
  throttleStallMs: {
    key: 'request_throttle_stall_time',
    aliases: ['requestThrottleStallTime'],
    read: read.integer(1),
  },
  throttleDropsStale: {
    key: 'request_throttle_drop_stale',
    aliases: ['requestThrottleDropStale'],
    read: read.javaBoolean,
  },
  throttleShutdownTimeoutMs: { key: 'request_throttler.shutdownTimeout', read: read.integer(0) },
  staleByLatency: {
    key: 'request_stale_latency_check',
    aliases: ['requestStaleLatencyCheck'],
    read: read.javaBoolean,
  },
  staleByConnection: {
    key: 'request_stale_connection_check',
    aliases: ['requestStaleConnectionCheck'],
    read: read.javaBoolean,
  },
  throttledOperationWaitMs: {
    key: 'throttled_op_wait_time',
    aliases: ['throttledOpWaitTime'],
    read: read.size(1),
  },
  largeRequestBytes: { key: 'largeRequestThreshold', read: read.integer(-1) },
  largeRequestsBytesMax: { key: 'largeRequestMaxBytes', read: read.integer(1) },
  connectionTokens: {
    key: 'connection_throttle_tokens',
    aliases: ['connectionMaxTokens'],
    read: read.size(1),
  },
  connectionTokenFillMs: {
    key: 'connection_throttle_fill_time',
    aliases: ['connectionTokenFillTime'],
    read: read.integer(1),
  },
  connectionTokenFillCount: {
    key: 'connection_throttle_fill_count',
    aliases: ['connectionTokenFillCount'],
    read: read.integer(1),
  },
  connectionFreezeMs: {
    key: 'connection_throttle_freeze_time',
    aliases: ['connectionFreezeTime'],
    read: read.integer(-1),
  },
  connectionDropIncrease: {
    key: 'connection_throttle_drop_increase',
    aliases: ['connectionDropIncrease'],
    read: read.fraction,
  },
  connectionDropDecrease: {
    key: 'connection_throttle_drop_decrease',
    aliases: ['connectionDropDecrease'],
    read: read.fraction,
  },
  connectionDecreaseRatio: {
    key: 'connection_throttle_decrease_ratio',
    aliases: ['connectionDecreaseRatio'],
    read: read.fraction,
  },
  connectionWeightsEnabled: { key: 'connection_throttle_weight_enabled', read: read.javaBoolean },
  connectionWeightGlobal: {
    key: 'connection_throttle_global_session_weight',
    read: read.integer(1),
  },
  connectionWeightRenew: { key: 'connection_throttle_renew_session_weight', read: read.integer(1) },
  connectionWeightLocal: { key: 'connection_throttle_local_session_weight', read: read.integer(1) },
  enforceQuota: { key: 'enforceQuota', read: read.javaBoolean },
  extendedTypesEnabled: { key: 'extendedTypesEnabled', read: read.javaBoolean },
  emulate353TtlNodes: { key: 'emulate353TTLNodes', read: read.javaBoolean },
  containerCheckMs: { key: 'znode.container.checkIntervalMs', read: read.integer(1) },
  containersPerMinuteMax: { key: 'znode.container.maxPerMinute', read: read.integer(1) },
  containerNeverUsedMs: { key: 'znode.container.maxNeverUsedIntervalMs', read: read.size(1) },
  skipAcl: { key: 'skipACL', read: read.offUnlessYes },
  eagerAclCheck: { key: 'enableEagerACLCheck', read: read.javaBoolean },
  digestAuthenticationEnabled: {
    key: 'DigestAuthenticationProvider.enabled',
    read: read.javaBoolean,
  },
  superDigest: { key: 'DigestAuthenticationProvider.superDigest', read: read.optionalText },
  digestAlgorithm: { key: 'DigestAuthenticationProvider.digestAlg', read: read.text },
  enforceAuthentication: { key: 'enforce.auth.enabled', read: read.javaBoolean },
  enforcedSchemes: { key: 'enforce.auth.schemes', read: read.words },
  dynamicConfigFile: { key: 'dynamicConfigFile', read: read.optionalText },
  standaloneEnabled: { key: 'standaloneEnabled', read: read.strictBoolean },
  reconfigEnabled: { key: 'reconfigEnabled', read: read.strictBoolean },
  multiAddressEnabled: { key: 'multiAddress.enabled', read: read.strictBoolean },
  initLimitTicks: { key: 'initLimit', read: read.integer(0) },
  syncLimitTicks: { key: 'syncLimit', read: read.integer(0) },
  connectLimitTicks: { key: 'connectToLearnerMasterLimit', unset: '0', read: read.integer(0) },
  electionCallMs: { key: 'cnxTimeout', read: read.integer(1) },
  electionGreetingMs: { key: 'quorumCnxnTimeoutMs', unset: '-1', read: read.integer(1) },
  electionBindTriesMax: { key: 'electionPortBindRetry', read: read.integer(0) },
  notificationMsMin: { key: 'fastleader.minNotificationInterval', read: read.integer(1) },
  notificationMsMax: { key: 'fastleader.maxNotificationInterval', read: read.integer(1) },
  observerSnapSyncsMax: {
    key: 'leader.maxConcurrentSnapSyncs',
    aliases: ['maxConcurrentSnapSyncs'],
    read: read.integer(1),
  },
  observerDiffSyncsMax: {
    key: 'leader.maxConcurrentDiffSyncs',
    aliases: ['maxConcurrentDiffSyncs'],
    read: read.integer(1),
  },
  leaderDesertionMs: {
    key: 'leader.maxTimeToWaitForEpoch',
    aliases: ['maxTimeToWaitForEpoch'],
    unset: '-1',
    read: read.integer(0),
  },
  quorumListensOnAll: { key: 'quorumListenOnAllIPs', read: read.strictBoolean },
  peerTcpKeepAlive: { key: 'tcpKeepAlive', read: read.javaBoolean },
  observerMasterPort: { key: 'observerMasterPort', read: read.port },
  observerMasterBytesMax: { key: 'observerMaster.sizeLimit', read: read.integer(0) },
  leaderServes: { key: 'leaderServes', read: read.onUnlessNo },
  forceSnapshotSync: { key: 'forceSnapshotSync', read: read.javaBoolean },
  localSessionsEnabled: { key: 'localSessionsEnabled', read: read.strictBoolean },
  localSessionsUpgradingEnabled: {
    key: 'localSessionsUpgradingEnabled',
    read: read.strictBoolean,
  },
  readOnlyModeEnabled: { key: 'readonlymode.enabled', read: read.javaBoolean },
};
