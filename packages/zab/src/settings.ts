/** What a peer is told about its server and its ensemble, once and for all. */
import type { ServerId } from '@zabra/wire';
import type { ElectionLinksSettings } from './election/links.ts';
import { ELECTION_TIMES, type ElectionSettings } from './election/settings.ts';

export interface PeerSettings {
  readonly id: ServerId;
  readonly tickMs: number;
  /** Ticks for whatever happens until a learner is in step: agreeing on an epoch, taking over. */
  readonly initLimitTicks: number;
  /** Ticks that one side of a link in step may be silent, or owe an acknowledgement. */
  readonly syncLimitTicks: number;
  /** Ticks in which a learner must have reached its leader's port. */
  readonly connectLimitTicks: number;
  /**
   * How long a leader-elect goes on waiting for learners though those who elected it have been for
   * another since. Whoever waits longer than that keeps the others from a leader.
   */
  readonly desertionMs: number;
  /** Whether members may change while the ensemble serves. */
  readonly reconfigEnabled: boolean;
  readonly electionTimes: Omit<ElectionSettings, 'id' | 'reconfigEnabled'>;
  readonly links: Omit<ElectionLinksSettings, 'id'>;
  /** The longest record, with its head, that a packet may hold. */
  readonly packetBytesMax: number;
  /** Every learner that lacks something is sent a snapshot. */
  readonly forcesSnapshots: boolean;
  /**
   * A learner that has what its leader has not is told to cut it off, instead of being sent a
   * snapshot. Only for ensembles without Apache's servers: those may keep what they should cut.
   */
  readonly truncatesLearners: boolean;
  /** An observer is turned away while so many learners are sent records, or a snapshot. */
  readonly observerSyncsMax: { readonly diff: number; readonly snap: number };
  /** Where followers feed observers, and observers look for such followers; 0 is nowhere. */
  readonly observerMasterPort: number;
  /** What a follower keeps of recent records for observers that lag. */
  readonly observerBytesMax: number;
  /** A sync waits until a quorum has shown that it follows still. Apache's leaders do not ask. */
  readonly provesLeadershipAtSync: boolean;
  /** What is kept of recent proposals for learners that lag or come back. */
  readonly recentBytesMax: number;
  /** Proposals on their way; with more, nothing further is proposed. */
  readonly outstandingBytesMax: number;
  /**
   * What a leader has sent while this server gets in step, and waits for the disk or to be applied;
   * with more the leader is not read.
   */
  readonly catchUpBytesMax: number;
  /**
   * What a learner's clients may have asked of the leader without an answer; with more, they wait. Of
   * learners that do not stop there the leader bears more, up to a bound of its own.
   */
  readonly forwardedBytesMax: number;
  /** A leader that has proposed so often gives up its term, for counters must not start over. */
  readonly proposalsMax: number;
}

export const PEER_DEFAULTS: Omit<PeerSettings, 'id' | 'tickMs' | 'links'> = {
  initLimitTicks: 10,
  syncLimitTicks: 5,
  connectLimitTicks: 10,
  desertionMs: 0,
  reconfigEnabled: false,
  electionTimes: ELECTION_TIMES,
  packetBytesMax: 0xfffff + 4096,
  forcesSnapshots: false,
  truncatesLearners: false,
  observerSyncsMax: { diff: 100, snap: 10 },
  observerMasterPort: 0,
  observerBytesMax: 32 * 1024 * 1024,
  provesLeadershipAtSync: true,
  recentBytesMax: 32 * 1024 * 1024,
  outstandingBytesMax: 16 * 1024 * 1024,
  catchUpBytesMax: 32 * 1024 * 1024,
  forwardedBytesMax: 4 * 1024 * 1024,
  proposalsMax: 0xfffffffe,
};
