/**
 * Who belongs to an ensemble, as a value: the content of a configuration text, of the server lines
 * of zoo.cfg, and of /zookeeper/config. It says who is a member and with what weight, not what makes
 * a quorum.
 */
import type { ServerAddress } from './server-address.ts';
import type { ServerId } from './server-id.ts';

export type ServerRole = 'participant' | 'observer';

/** One of the addresses at which the other servers reach a member. */
export interface PeerAddress {
  readonly host: string;
  /** Listened to only while the member leads. */
  readonly quorumPort: number;
  readonly electionPort: number;
}

export interface Member {
  readonly id: ServerId;
  readonly role: ServerRole;
  /** At least one; more than one only where multi-address is on. */
  readonly addresses: readonly PeerAddress[];
  /** Null when the configuration leaves it to the member's own settings. */
  readonly client: ServerAddress | null;
  readonly secureClient: ServerAddress | null;
}

export interface Group {
  readonly id: bigint;
  readonly members: readonly ServerId[];
}

export interface Weight {
  readonly member: ServerId;
  readonly weight: number;
}

/** Lists stand in the order of the text, which Apache's servers choose by a hash of the ids. */
export interface Ensemble {
  readonly members: readonly Member[];
  /** Empty where every participant counts alike and a majority decides. */
  readonly groups: readonly Group[];
  /** With groups, at least one for each participant; empty without. */
  readonly weights: readonly Weight[];
  /** The zxid of the transaction that made it; 0 for one that comes from files. */
  readonly version: bigint;
}
