/**
 * Votes: what they say, which of two is the better one, and when two say the same. Everybody goes by
 * the same order, so in a round in which all are heard all end with the same vote: that for the
 * server with the longest history of the latest epoch.
 */
import { asZxid, PeerState, type ServerId, type Zxid } from '@zabra/wire';
import type { QuorumVerifier } from '../quorum/verifier.ts';

export interface Vote {
  /** Whom it is for. */
  readonly leader: ServerId;
  /** The last transaction that server has logged, as far as the voter knows. */
  readonly zxid: Zxid;
  /** The round of elections in which it was cast. */
  readonly round: bigint;
  /** The epoch whose history that server has taken over completely. */
  readonly peerEpoch: bigint;
}

/** A vote as somebody told it. */
export interface Ballot extends Vote {
  /** What its voter was doing. */
  readonly state: PeerState;
  /** Of the message it came in; 0 where that was too old to say, or is not to matter. */
  readonly version: number;
}

const SMALLEST = -(1n << 63n);

/** What those vote with who have no history to offer, observers. */
export const NO_ZXID: Zxid = asZxid(SMALLEST);
export const NO_EPOCH: bigint = SMALLEST;

/** The zxid of a database that is empty where it should not be: it neither votes nor is voted for. */
export const UNTRUSTED_ZXID: Zxid = asZxid(-1n);

export function isBetter(
  vote: Omit<Vote, 'round'>,
  than: Omit<Vote, 'round'>,
  quorum: QuorumVerifier,
): boolean {
  if (quorum.weightOf(vote.leader) === 0) return false;
  if (vote.peerEpoch !== than.peerEpoch) return vote.peerEpoch > than.peerEpoch;
  if (vote.zxid !== than.zxid) return vote.zxid > than.zxid;
  return vote.leader > than.leader;
}

/**
 * Whether two ballots are for the same result. Who has already found a leader may have found it in
 * different rounds and by different zxids, so of those only leader and epoch are compared; and the
 * epoch only between messages of an age to mean the same by it.
 */
export function saySame(one: Ballot, other: Ballot): boolean {
  if (one.leader !== other.leader) return false;
  if (one.state === PeerState.Looking || other.state === PeerState.Looking) {
    const isSameRound = one.round === other.round && one.zxid === other.zxid;
    return isSameRound && one.peerEpoch === other.peerEpoch;
  }
  return one.version > 0 !== other.version > 0 || one.peerEpoch === other.peerEpoch;
}
