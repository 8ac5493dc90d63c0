// Keys of ZooKeeper's that set nothing here, so that a file written for it is understood to the last
// line. Most of them tune what this server has no counterpart of (threads, JVM, caches), or name the
// members, which member-list.ts reads; to pass over those changes nothing anybody could notice.
// Others belong to features that are not there yet, and whoever sets them must hear so.

/** What an operator is told when keys of a group are set; undefined where there is nothing to tell. */
export type Group = keyof typeof groupNotices;

export const groupNotices = {
  ensemble: undefined,
  tuning: undefined,
  client: undefined,
  tls: 'TLS is not available yet: connections are served without it, on clientPort only.',
  sasl: 'SASL and Kerberos are not available yet: clients that ask for them are refused.',
  providers: 'Authentication providers other than digest and ip are not available yet.',
  admin: 'The admin HTTP server is not available yet.',
  metrics: 'The metrics exporter is not available yet.',
  audit: 'The audit log is not available yet.',
  testing: 'Aids for testing ZooKeeper itself are not available.',
} as const;

/** A name, or what a family of names begins with when it ends in `*`. */
const names: Readonly<Record<Group, string>> = {
  ensemble: `
    electionAlg peerType
    leader.ackLoggingFrequency leaderConnectDelayDuringRetryMs
    learner.closeSocketAsync leader.closeSocketAsync learner.asyncSending
    forward_learner_requests_to_commit_processor_disabled
    follower.skipLearnerRequestToNextProcessor leader.nodelay follower.nodelay
    observer.reconnectDelayMs
    observer.election.DelayMs syncEnabled observer.syncEnabled oraclePath
    multiAddress.reachabilityCheckEnabled multiAddress.reachabilityCheckTimeoutMs
    commitLogCount snapshotSizeFactor
    server.* group.* weight.*`,
  tuning: `
    flushDelay maxWriteQueuePollTime maxBatchSize intBufferStartingSizeBytes serverCnxnFactory
    nio.numSelectorThreads nio.numWorkerThreads nio.directBufferBytes nio.shutdownTimeout
    commitProcessor.numWorkerThreads commitProcessor.maxReadBatchSize
    commitProcessor.maxCommitBatchSize commitProcessor.shutdownTimeout
    maxResponseCacheSize maxGetChildrenResponseCacheSize
    watchManagerName watcherCleanThreadsNum watcherCleanThreshold watcherCleanIntervalInSeconds
    maxInProcessingDeadWatchers bitHashCacheSize
    netty.advancedFlowControl.enabled advancedFlowControlEnabled
    netty.server.outstandingHandshake.limit outstandingHandshake.limit
    netty.server.earlyDropSecureConnectionHandshakes
    messageTracker.Enabled messageTracker.BufferSize
    pathStats.enabled pathStats.slotCapacity pathStats.slotDuration pathStats.maxDepth
    pathStats.initialDelay pathStats.delay pathStats.topPathMax pathStats.sampleRate
    jvm.pause.monitor jvm.pause.warn-threshold.ms jvm.pause.info-threshold.ms
    jvm.pause.sleep.time.ms jmx.log4j.disable jmx.log4j.mbean fips-mode`,
  client: `
    disableAutoWatchReset client.secure clientCnxnSocket request.timeout shuffleDnsResponse
    hostProvider.dnsSrvRefreshIntervalSeconds sasl.client sasl.clientconfig sasl.client.username
    sasl.client.canonicalize.hostname sasl.client.allowReverseDnsLookup`,
  tls: `
    secureClientPort secureClientPortAddress sslQuorum portUnification sslQuorumReloadCertFiles
    client.portUnification client.certReload ssl.*`,
  sasl: `
    superUser superUser.* allowSaslFailedClients letAnySaslUserDoX sessionRequireClientSASLAuth
    SASLAuthenticationProvider.superPassword kerberos.removeHostFromPrincipal
    kerberos.removeRealmFromPrincipal kerberos.canonicalizeHostNames kerberos.minReLoginTimeMs
    security.auth_to_local server.realm server.principal requireKerberosConfig kinit
    sasl.serverconfig quorum.auth.* quorum.cnxn.threads.size`,
  providers: `
    X509AuthenticationProvider.superUser authProvider.* ensembleAuthName`,
  admin: `
    admin.enableServer admin.serverAddress admin.serverPort admin.commandURL admin.idleTimeout
    admin.httpVersion admin.portUnification admin.forceHttps admin.needClientAuth
    admin.rateLimiterIntervalInMS admin.snapshot.enabled admin.restore.enabled
    IPAuthenticationProvider.usexforwardedfor`,
  metrics: 'metricsProvider.*',
  audit: 'audit.enable audit.impl.class',
  testing: 'testingonly.initialZxid',
};

const exact = new Map<string, Group>();
const families: (readonly [prefix: string, group: Group])[] = [];
for (const group of Object.keys(names) as Group[]) {
  for (const name of names[group].trim().split(/\s+/)) {
    if (name.endsWith('*')) families.push([name.slice(0, -1), group]);
    else exact.set(name, group);
  }
}

export const otherKeyNames: readonly string[] = [...exact.keys()];

/** The group of a known key that sets nothing, or undefined when the key is not known. */
export function groupOf(key: string): Group | undefined {
  return exact.get(key) ?? families.find(([prefix]) => key.startsWith(prefix))?.[1];
}
