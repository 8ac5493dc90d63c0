/**
 * Watches a simulated election and objects to what must never happen, from what servers have really
 * sent each other and not from what they believe they have heard:
 *
 * - whoever decides has the votes of a quorum, all cast in that round for that history; or a quorum
 *   has said that it follows, and the leader itself that it leads;
 * - nobody has voted for a server with less history than its own;
 * - no two servers are established in one epoch, and no epoch comes twice;
 * - what was established before is part of what every later leader has.
 */
import {
  asServerId,
  type Notification,
  NotificationFrames,
  PeerState,
  type ServerId,
  type Zxid,
} from '@zabra/wire';
import type { Decision, OwnHistory } from '../election/election.ts';
import type { Vote } from '../election/vote.ts';
import type { QuorumVerifier } from '../quorum/verifier.ts';
import type { ElectingServer, Reign, Witness } from './electing-server.ts';

const TRACE_LINES_MAX = 4000;

export class ElectionChecks implements Witness {
  readonly lines: string[] = [];
  readonly #quorum: QuorumVerifier;
  readonly #ruling: QuorumVerifier;
  /** Who has voted for what while looking, and who has said that it follows or leads whom. */
  readonly #voters = new Map<string, Set<ServerId>>();
  /** What those have been told who have no vote. */
  readonly #hearsay = new Map<string, Set<ServerId>>();
  readonly #followers = new Map<ServerId, Set<ServerId>>();
  readonly #leaders = new Set<ServerId>();
  /** What each process had when it began to look, and in which round. */
  readonly #looks = new Map<
    ElectingServer,
    { readonly round: bigint; readonly own: OwnHistory }[]
  >();
  readonly #histories = new Map<ServerId, Set<string>>();
  #lastEpoch = 0n;
  #establishedZxid: Zxid | null = null;
  decisions = 0;
  reigns = 0;

  /** Elections take the quorum; to join what others have elected, one of `ruling` is enough. */
  constructor(quorum: QuorumVerifier, ruling: QuorumVerifier) {
    this.#quorum = quorum;
    this.#ruling = ruling;
  }

  trace(line: string): void {
    if (this.lines.length < TRACE_LINES_MAX) this.lines.push(line);
  }

  looks(server: ElectingServer): void {
    const looks = this.#looks.get(server) ?? [];
    this.#looks.set(server, looks);
    looks.push({ round: server.voting.round, own: server.history });
    const { zxid, currentEpoch } = server.history;
    const histories = this.#histories.get(server.sid) ?? new Set();
    this.#histories.set(server.sid, histories.add(`${currentEpoch}/${zxid}`));
  }

  said(server: ElectingServer, to: number | null, bytes: Uint8Array): void {
    const { sid } = server;
    if (to === null || !this.#quorum.voters.has(sid)) return;
    const isToVoter = this.#quorum.voters.has(asServerId(BigInt(to)));
    for (const { state, leader, electionEpoch: round, zxid, peerEpoch } of votesIn(bytes)) {
      const vote = { leader, zxid, round, peerEpoch };
      if (state === PeerState.Looking) {
        if (isToVoter) this.#noteVote(server, vote);
        else noteIn(this.#hearsay, keyOf(vote), sid);
      } else {
        noteIn(this.#followers, leader, sid);
        if (state === PeerState.Leading) this.#leaders.add(sid);
      }
    }
  }

  decided(server: ElectingServer, { vote }: Decision): void {
    this.decisions += 1;
    const { sid } = server;
    const isVoter = this.#quorum.voters.has(sid);
    const voters = new Set(this.#voters.get(keyOf(vote)));
    // Its own vote does not go over the network.
    if (isVoter && hasEnough(vote, server.history)) voters.add(sid);
    if (this.#quorum.contains(voters)) {
      const leaderHad = this.#histories.get(vote.leader)?.has(`${vote.peerEpoch}/${vote.zxid}`);
      this.#expect(leaderHad === true, `${vote.leader} never had the history it is elected for`);
      return;
    }
    // Who has no vote is told of leaders before, and cannot tell that from votes; it does no harm.
    const hearsay = isVoter ? undefined : this.#hearsay.get(keyOf(vote));
    if (this.#quorum.contains(new Set([...voters, ...(hearsay ?? [])]))) return;
    for (const follower of this.#followers.get(vote.leader) ?? []) voters.add(follower);
    const isQuorum = this.#ruling.contains(voters);
    this.#expect(isQuorum, `${sid} decided for ${vote.leader} without a quorum`);
    const isVouchedFor = vote.leader === sid || this.#leaders.has(vote.leader);
    this.#expect(isVouchedFor, `${sid} follows ${vote.leader}, who never said that it leads`);
  }

  established(reign: Reign): void {
    this.reigns += 1;
    const { leader } = reign;
    const epoch = reign.epoch ?? 0n;
    this.#expect(epoch > this.#lastEpoch, `epoch ${epoch} comes after ${this.#lastEpoch}`);
    this.#lastEpoch = epoch;
    const { zxid } = leader.disk;
    const before = this.#establishedZxid ?? zxid;
    this.#expect(zxid >= before, `${leader.id} leads without ${before}, which was agreed`);
    this.#establishedZxid = zxid;
  }

  #noteVote(server: ElectingServer, vote: Vote): void {
    const { sid } = server;
    noteIn(this.#voters, keyOf(vote), sid);
    const look = this.#looks.get(server)?.findLast(({ round }) => round <= vote.round);
    if (look === undefined) throw new Error(`${sid} voted in a round in which it did not look`);
    this.#expect(
      hasEnough(vote, look.own),
      `${sid} voted for ${vote.leader}, who has less than itself`,
    );
  }

  #expect(holds: boolean, belief: string): void {
    if (!holds) throw new Error(belief);
  }
}

function hasEnough(vote: Vote, { zxid, currentEpoch }: OwnHistory): boolean {
  return vote.peerEpoch > currentEpoch || (vote.peerEpoch === currentEpoch && vote.zxid >= zxid);
}

function noteIn<K>(map: Map<K, Set<ServerId>>, key: K, id: ServerId): void {
  map.set(key, (map.get(key) ?? new Set()).add(id));
}

function keyOf({ leader, zxid, round, peerEpoch }: Vote): string {
  return `${leader}/${zxid}/${round}/${peerEpoch}`;
}

/** The votes in what a server sent; what stands before them on a new link is skipped. */
function votesIn(bytes: Uint8Array): Notification[] {
  const isGreeting = bytes[0] === 0xff;
  const frames = new NotificationFrames();
  frames.push(isGreeting ? bytes.subarray(20 + bytes[19]!) : bytes);
  const votes: Notification[] = [];
  for (let next = frames.next(); next !== null; next = frames.next()) {
    if (next.kind !== 'notification') throw new Error('somebody sent what is no vote');
    votes.push(next.notification);
  }
  return votes;
}
