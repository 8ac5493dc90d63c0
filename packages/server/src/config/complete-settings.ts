// The settings of a server that was told nothing, and those that follow from others. They are
// Apache ZooKeeper's, save where its choice harms whoever does not know of it: old snapshots are
// purged and the reading four-letter words are answered. A zoo.cfg brings Apache's choice of purging
// back (resolve-settings.ts), since whoever has one may rely on it.

import type { ServerSettings } from './settings.ts';

const hourMs = 3_600_000;
const kilobyte = 1024;

export const readingWords: readonly string[] = [
  'conf',
  'cons',
  'dirs',
  'envi',
  'hash',
  'isro',
  'mntr',
  'ruok',
  'srvr',
  'stat',
  'wchs',
];

type Derived =
  | 'dataLogDir'
  | 'sessionTimeoutMsMin'
  | 'sessionTimeoutMsMax'
  | 'frameBytesExtra'
  | 'connectLimitTicks'
  | 'electionGreetingMs';

const defaults: Omit<ServerSettings, Derived> = {
  clientPort: 2181,
  clientPortAddress: undefined,
  listenBacklog: -1,
  connectionsPerAddressMax: 60,
  connectionsMax: 0,
  sessionlessTimeoutMs: 10_000,
  clientTcpKeepAlive: false,
  fourLetterWords: readingWords,
  tickTimeMs: 3000,
  dataDir: './zabra-data',
  dataDirAutocreate: true,
  databaseAutocreate: true,
  trustEmptySnapshot: false,
  snapshotTransactions: 100_000,
  snapshotLogBytes: 4_194_304 * kilobyte,
  logFileBytesMax: 0,
  logPreallocationBytes: 65_536 * kilobyte,
  forceSync: true,
  fsyncWarningMs: 1000,
  snapshotCompression: 'none',
  snapshotsRetained: 5,
  purgeIntervalMs: hourMs,
  serializeLastProcessedZxid: true,
  digestEnabled: true,
  closeSessionTransactions: true,
  frameBytesMax: 1_048_575,
  outstandingRequestsMax: 1000,
  throttleRequestsMax: 0,
  throttleStallMs: 100,
  throttleDropsStale: true,
  throttleShutdownTimeoutMs: 10_000,
  staleByLatency: false,
  staleByConnection: true,
  throttledOperationWaitMs: 0,
  largeRequestBytes: -1,
  largeRequestsBytesMax: 104_857_600,
  connectionTokens: 0,
  connectionTokenFillMs: 1,
  connectionTokenFillCount: 1,
  connectionFreezeMs: -1,
  connectionDropIncrease: 0.02,
  connectionDropDecrease: 0.002,
  connectionDecreaseRatio: 0,
  connectionWeightsEnabled: false,
  connectionWeightGlobal: 3,
  connectionWeightRenew: 2,
  connectionWeightLocal: 1,
  enforceQuota: false,
  extendedTypesEnabled: false,
  emulate353TtlNodes: false,
  containerCheckMs: 60_000,
  containersPerMinuteMax: 10_000,
  containerNeverUsedMs: 0,
  skipAcl: false,
  eagerAclCheck: false,
  digestAuthenticationEnabled: true,
  superDigest: undefined,
  digestAlgorithm: 'SHA1',
  enforceAuthentication: false,
  enforcedSchemes: [],
  ensemble: undefined,
  dynamicConfigFile: undefined,
  standaloneEnabled: true,
  reconfigEnabled: false,
  multiAddressEnabled: false,
  initLimitTicks: 0,
  syncLimitTicks: 0,
  electionCallMs: 5000,
  electionBindTriesMax: 3,
  notificationMsMin: 200,
  notificationMsMax: 60_000,
  observerSnapSyncsMax: 10,
  observerDiffSyncsMax: 100,
  leaderDesertionMs: 0,
  quorumListensOnAll: false,
  peerTcpKeepAlive: false,
  observerMasterPort: 0,
  observerMasterBytesMax: 32 * 1024 * 1024,
  leaderServes: true,
  forceSnapshotSync: false,
  localSessionsEnabled: false,
  localSessionsUpgradingEnabled: false,
  readOnlyModeEnabled: false,
};

export function completeSettings(given: Partial<ServerSettings>): ServerSettings {
  const settings = { ...defaults, ...given };
  return {
    ...settings,
    dataLogDir: given.dataLogDir ?? settings.dataDir,
    sessionTimeoutMsMin: given.sessionTimeoutMsMin ?? 2 * settings.tickTimeMs,
    sessionTimeoutMsMax: given.sessionTimeoutMsMax ?? 20 * settings.tickTimeMs,
    frameBytesExtra: given.frameBytesExtra ?? settings.frameBytesMax,
    connectLimitTicks: given.connectLimitTicks ?? settings.initLimitTicks,
    electionGreetingMs: given.electionGreetingMs ?? settings.syncLimitTicks * settings.tickTimeMs,
  };
}
