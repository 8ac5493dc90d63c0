/** What one server's mind is told when it is made; the body reads it from files and arguments. */
import type { HashKey, TreeSettings } from '@zabra/tree';
import type { ConnectionThrottleSettings } from './connection-throttle.ts';

export interface ReplicaSettings {
  readonly tree: TreeSettings;
  readonly hashKey: HashKey;
  /** Seeds everything that is left to chance. */
  readonly seed: number;
  readonly serverId: number;
  readonly tickMs: number;
  readonly sessionTimeoutMsMin: number;
  readonly sessionTimeoutMsMax: number;
  readonly sessionlessTimeoutMs: number;
  /** The longest frame a client may send. */
  readonly frameBytesMax: number;
  readonly connectionsPerAddressMax: number;
  readonly connectionsMax: number;
  readonly connectionThrottle: ConnectionThrottleSettings;
  /** Writes under way at which whoever has one of them is not read. */
  readonly outstandingRequestsMax: number;
  /** Writes under way at which nobody is read; 0 is without limit. */
  readonly throttledRequestsMax: number;
  /** Requests longer than this are large; -1 where none is. */
  readonly largeRequestBytes: number;
  /** Large requests under way together; whoever would exceed it is closed. */
  readonly largeRequestsBytesMax: number;
  /** A request that waited longer is answered without being done; 0 is never. */
  readonly throttledOperationWaitMs: number;
  /** New sessions are known to the server alone that gave them out; of members only. */
  readonly localSessions: boolean;
  /** Such a session becomes one of the ensemble when it makes a node of its own. */
  readonly upgradesLocalSessions: boolean;
  /** A member without a leader serves those for whom reading will do. */
  readonly readOnlyMode: boolean;
  readonly snapshotTransactions: number;
  readonly snapshotLogBytes: number;
  readonly containerCheckIntervalMs: number;
  readonly containerDeletionsPerMinuteMax: number;
  readonly containerNeverUsedMsMax: number;
  readonly fourLetterWords: 'all' | readonly string[];
  /** `super:<hash>`: who proves this digest may do everything; null where nobody may. */
  readonly superDigest: string | null;
  /** The hash of a digest identity: base64 of the configured algorithm over user:password. */
  readonly digestOf: (text: string) => string;
  /** Schemes one of which every connection must prove; empty where none is demanded. */
  readonly enforcedAuthSchemes: readonly string[];
  /** As clients and monitors read it: the level spoken, then our own version. */
  readonly version: string;
}
