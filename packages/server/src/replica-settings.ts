/** From what an operator configured to what the mind is told. */
import { createHash, randomInt } from 'node:crypto';
import type { ReplicaSettings } from '@zabra/replica';
import type { ServerSettings } from './config/settings.ts';
import { protocolVersion } from './version.ts';

/** Standalone servers have always given ids of server 1. */
const STANDALONE_SERVER_ID = 1;
const INT32_END = 2 ** 31;

export function replicaSettings(settings: ServerSettings): ReplicaSettings {
  return {
    tree: {
      extendedTypes: settings.extendedTypesEnabled,
      enforceQuota: settings.enforceQuota,
      skipAcl: settings.skipAcl,
      digestEnabled: settings.digestEnabled,
      closeSessionPaths: settings.closeSessionTransactions,
      digestSchemeEnabled: settings.digestAuthenticationEnabled,
      reconfigEnabled: settings.reconfigEnabled,
      votersMin: settings.standaloneEnabled ? 2 : 1,
      multiAddressEnabled: settings.multiAddressEnabled,
      txnBytesMax: settings.frameBytesMax,
    },
    hashKey: { first: randomInt(INT32_END), second: randomInt(INT32_END) },
    seed: randomInt(INT32_END),
    serverId: settings.ensemble === undefined ? STANDALONE_SERVER_ID : Number(settings.ensemble.id),
    tickMs: settings.tickTimeMs,
    sessionTimeoutMsMin: settings.sessionTimeoutMsMin,
    sessionTimeoutMsMax: settings.sessionTimeoutMsMax,
    sessionlessTimeoutMs: settings.sessionlessTimeoutMs,
    frameBytesMax: settings.frameBytesMax,
    connectionsPerAddressMax: settings.connectionsPerAddressMax,
    connectionsMax: settings.connectionsMax,
    connectionThrottle: {
      tokens: settings.connectionTokens,
      fillMs: settings.connectionTokenFillMs,
      fillCount: settings.connectionTokenFillCount,
      freezeMs: settings.connectionFreezeMs,
      dropIncrease: settings.connectionDropIncrease,
      dropDecrease: settings.connectionDropDecrease,
      decreaseRatio: settings.connectionDecreaseRatio,
      newSessionTokens: settings.connectionWeightsEnabled ? newSessionWeight(settings) : 1,
      renewalTokens: settings.connectionWeightsEnabled ? settings.connectionWeightRenew : 1,
    },
    outstandingRequestsMax: settings.outstandingRequestsMax,
    throttledRequestsMax: settings.throttleRequestsMax,
    largeRequestBytes: settings.largeRequestBytes,
    largeRequestsBytesMax: settings.largeRequestsBytesMax,
    throttledOperationWaitMs: settings.throttledOperationWaitMs,
    localSessions: settings.localSessionsEnabled,
    upgradesLocalSessions: settings.localSessionsUpgradingEnabled,
    readOnlyMode: settings.readOnlyModeEnabled,
    snapshotTransactions: settings.snapshotTransactions,
    snapshotLogBytes: settings.snapshotLogBytes,
    containerCheckIntervalMs: settings.containerCheckMs,
    containerDeletionsPerMinuteMax: settings.containersPerMinuteMax,
    containerNeverUsedMsMax: settings.containerNeverUsedMs,
    fourLetterWords: settings.fourLetterWords,
    superDigest: settings.superDigest ?? null,
    digestOf: (text) => createHash(digestName(settings)).update(text).digest('base64'),
    enforcedAuthSchemes: settings.enforceAuthentication ? settings.enforcedSchemes : [],
    version: protocolVersion,
  };
}

/** A server alone gives out no local sessions, whatever it is told. */
function newSessionWeight(settings: ServerSettings): number {
  const areLocal = settings.localSessionsEnabled && settings.ensemble !== undefined;
  return areLocal ? settings.connectionWeightLocal : settings.connectionWeightGlobal;
}

/** Java's names of hashes have a dash where OpenSSL's have none: `SHA-256`. */
function digestName(settings: ServerSettings): string {
  return settings.digestAlgorithm.replace('-', '').toLowerCase();
}
