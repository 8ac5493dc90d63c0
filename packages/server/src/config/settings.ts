// Everything a server can be told, with units in the names. What each setting is called in zoo.cfg
// stands in setting-rows.ts.

import type { EnsembleSettings } from './ensemble-settings.ts';

export interface ServerSettings {
  // Where clients connect.

  /** Port for clients without TLS; 0 takes a free one. */
  readonly clientPort: number;
  /** Address to bind; undefined binds all of them. */
  readonly clientPortAddress: string | undefined;
  /** Connections the kernel may hold before they are accepted; -1 leaves it to the system. */
  readonly listenBacklog: number;
  /** Connections from one address; 0 is without limit. */
  readonly connectionsPerAddressMax: number;
  /** Connections in all; 0 is without limit. */
  readonly connectionsMax: number;
  /** How long a connection may live without a session. */
  readonly sessionlessTimeoutMs: number;
  readonly clientTcpKeepAlive: boolean;
  /** Four-letter words that are answered. */
  readonly fourLetterWords: 'all' | readonly string[];

  // Time and sessions.

  readonly tickTimeMs: number;
  readonly sessionTimeoutMsMin: number;
  readonly sessionTimeoutMsMax: number;

  // What is stored, and when.

  readonly dataDir: string;
  readonly dataLogDir: string;
  /** Whether a missing data directory is created rather than refused. */
  readonly dataDirAutocreate: boolean;
  /** Whether a server may start from an empty directory without being told to. */
  readonly databaseAutocreate: boolean;
  /** Whether logs without any snapshot are believed. */
  readonly trustEmptySnapshot: boolean;
  readonly snapshotTransactions: number;
  /** Log bytes after which a snapshot is taken whatever their count; 0 is without limit. */
  readonly snapshotLogBytes: number;
  /** Size at which a log file is closed and the next begun; 0 is without limit. */
  readonly logFileBytesMax: number;
  readonly logPreallocationBytes: number;
  /** Whether a write is on the disk before it is acknowledged. */
  readonly forceSync: boolean;
  readonly fsyncWarningMs: number;
  readonly snapshotCompression: SnapshotCompression;
  readonly snapshotsRetained: number;
  /** Time between removals of old snapshots and logs; 0 keeps everything. */
  readonly purgeIntervalMs: number;
  readonly serializeLastProcessedZxid: boolean;
  readonly digestEnabled: boolean;
  /** Whether the end of a session is logged with the list of its ephemeral nodes. */
  readonly closeSessionTransactions: boolean;

  // Requests.

  /** Largest request a client may send. */
  readonly frameBytesMax: number;
  /** What the server itself may add to a request before it is too large for the log. */
  readonly frameBytesExtra: number;
  /** Requests under way before the server stops reading. */
  readonly outstandingRequestsMax: number;
  /** Requests under way before the throttle holds new ones back; 0 is without throttle. */
  readonly throttleRequestsMax: number;
  readonly throttleStallMs: number;
  readonly throttleDropsStale: boolean;
  readonly throttleShutdownTimeoutMs: number;
  /** Whether a request older than its session's timeout is stale. */
  readonly staleByLatency: boolean;
  /** Whether a request whose connection is gone is stale. */
  readonly staleByConnection: boolean;
  /** Time in the queue after which an operation is answered with THROTTLEDOP; 0 is never. */
  readonly throttledOperationWaitMs: number;
  /** Size from which a request is large; -1 is never. */
  readonly largeRequestBytes: number;
  /** Bytes of large requests under way before their connections are closed. */
  readonly largeRequestsBytesMax: number;

  // New connections, by a bucket of tokens.

  /** Tokens in a full bucket; 0 admits every connection. */
  readonly connectionTokens: number;
  readonly connectionTokenFillMs: number;
  readonly connectionTokenFillCount: number;
  /** Time between changes of the probability of refusal; -1 never changes it. */
  readonly connectionFreezeMs: number;
  readonly connectionDropIncrease: number;
  readonly connectionDropDecrease: number;
  readonly connectionDecreaseRatio: number;
  readonly connectionWeightsEnabled: boolean;
  readonly connectionWeightGlobal: number;
  readonly connectionWeightRenew: number;
  readonly connectionWeightLocal: number;

  // What nodes may do.

  readonly enforceQuota: boolean;
  readonly extendedTypesEnabled: boolean;
  /** Whether TTL nodes are marked as release 3.5.3 marked them. */
  readonly emulate353TtlNodes: boolean;
  readonly containerCheckMs: number;
  readonly containersPerMinuteMax: number;
  /** How long a container that never had a child is kept; 0 is for ever. */
  readonly containerNeverUsedMs: number;

  // Who may do it.

  readonly skipAcl: boolean;
  /** Whether write permissions are checked where the request arrives, too. */
  readonly eagerAclCheck: boolean;
  readonly digestAuthenticationEnabled: boolean;
  /** `super:<hash>`: who knows the password may do everything. */
  readonly superDigest: string | undefined;
  readonly digestAlgorithm: string;
  readonly enforceAuthentication: boolean;
  /** Schemes one of which a client must use when authentication is enforced. */
  readonly enforcedSchemes: readonly string[];

  // Membership.

  /** Undefined for a server that serves alone. */
  readonly ensemble: EnsembleSettings | undefined;
  /** Where the members are listed, when zoo.cfg does not do it itself. */
  readonly dynamicConfigFile: string | undefined;
  /** Whether a list of one server means a server that serves alone. */
  readonly standaloneEnabled: boolean;
  readonly reconfigEnabled: boolean;
  readonly multiAddressEnabled: boolean;

  // Elections and followers.

  /** Ticks until a learner must be in step with its leader; 0 is not set. */
  readonly initLimitTicks: number;
  /** Ticks that a learner in step may lag or be silent; 0 is not set. */
  readonly syncLimitTicks: number;
  /** Ticks in which a learner must have reached its leader's port. */
  readonly connectLimitTicks: number;
  /** How long a call to another server's election port may take. */
  readonly electionCallMs: number;
  /** How long who calls the election port may take to say who it is. */
  readonly electionGreetingMs: number;
  /** How often an election port is tried that cannot be bound; 0 is for ever. */
  readonly electionBindTriesMax: number;
  readonly notificationMsMin: number;
  readonly notificationMsMax: number;
  /** With so many learners sent a snapshot, or records, further observers have to come again. */
  readonly observerSnapSyncsMax: number;
  readonly observerDiffSyncsMax: number;
  /** How long a server that was elected waits for learners when its voters look elsewhere again. */
  readonly leaderDesertionMs: number;
  /** Whether other servers are listened to at all addresses of the machine. */
  readonly quorumListensOnAll: boolean;
  readonly peerTcpKeepAlive: boolean;
  /** Where followers feed observers; 0 is nowhere. */
  readonly observerMasterPort: number;
  /** What such a follower keeps of recent records for observers that lag. */
  readonly observerMasterBytesMax: number;
  /** Whether a leader serves clients. */
  readonly leaderServes: boolean;
  /** Whether every learner that lacks something is sent a snapshot. */
  readonly forceSnapshotSync: boolean;
  readonly localSessionsEnabled: boolean;
  readonly localSessionsUpgradingEnabled: boolean;
  readonly readOnlyModeEnabled: boolean;
}

export type SnapshotCompression = 'none' | 'gz' | 'snappy';
