/**
 * What a peer counts and measures, under names of its own; whoever shows it may start it over. Times
 * are milliseconds between turns.
 */
import { Summary } from './summary.ts';

export class PeerFigures {
  /** It has begun to look for a leader. */
  lookings = 0;
  /** Leading: proposals that were committed. */
  commits = 0;
  /** Leading, or feeding observers: learners that were sent records, and those sent a snapshot. */
  diffs = 0;
  snapshots = 0;
  /** The same: sessions that learners have asked about. */
  revalidations = 0;
  /** Leading: given up because those who had elected it looked for a leader again. */
  desertions = 0;
  /** Learning and in step: PROPOSALs of the leader, and whatever tells that one is committed. */
  proposalsReceived = 0;
  commitsReceived = 0;
  /** From the first vote until a leader is found, by those who have a vote. */
  readonly electionTime: Summary = new Summary();
  /** From the end of one role, or the start, until the next one serves; the second while leading. */
  readonly unavailableTime: Summary = new Summary();
  readonly leaderUnavailableTime: Summary = new Summary();
  /** From the promise to a leader until it calls this server up to date. */
  readonly followerSyncTime: Summary = new Summary();
  readonly observerSyncTime: Summary = new Summary();
  /** Leading: from a proposal until a quorum has it. */
  readonly quorumTime: Summary = new Summary();

  reset(): void {
    this.lookings = 0;
    this.commits = 0;
    this.diffs = 0;
    this.snapshots = 0;
    this.revalidations = 0;
    this.desertions = 0;
    this.proposalsReceived = 0;
    this.commitsReceived = 0;
    this.electionTime.reset();
    this.unavailableTime.reset();
    this.leaderUnavailableTime.reset();
    this.followerSyncTime.reset();
    this.observerSyncTime.reset();
    this.quorumTime.reset();
  }
}
