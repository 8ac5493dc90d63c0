/**
 * What the network between the servers has to do with the mind: the part of a member's door that is
 * about links, and what comes out of it.
 */
import type { EnsembleDoor } from '@zabra/replica';

export type PeerDoor = Pick<
  EnsembleDoor,
  | 'quorumOpened'
  | 'quorumReceived'
  | 'quorumClosed'
  | 'dialed'
  | 'dialFailed'
  | 'listenFailed'
  | 'recycleQuorum'
  | 'electionOpened'
  | 'electionReceived'
  | 'electionFlushed'
  | 'electionClosed'
  | 'electionDialFailed'
  | 'takeQuorum'
  | 'takeQuorumOrders'
  | 'takeElection'
  | 'takeElectionOrders'
>;

export type QuorumOutput = ReturnType<PeerDoor['takeQuorum']>[number];
export type QuorumOrder = ReturnType<PeerDoor['takeQuorumOrders']>[number];
export type ElectionOutput = ReturnType<PeerDoor['takeElection']>[number];
export type ElectionOrder = ReturnType<PeerDoor['takeElectionOrders']>[number];
