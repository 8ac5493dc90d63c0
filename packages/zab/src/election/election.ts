/**
 * Finds a leader among servers of which some may be gone: ZooKeeper's fast leader election, seen from
 * one server. Who looks tells everybody its vote, for itself at first, takes over every better one it
 * hears of and tells that; when a quorum has said the same, and nothing better comes for a while, the
 * matter is settled. Who has a leader already only answers those who look.
 *
 *               start              a quorum says the same
 *     resting ─────────▶ gathering ─────────────────────▶ settling
 *        ▲                │ │  ▲                            │  │
 *        │◀── a quorum ───┘ │  └────── a better vote ───────┘  │
 *        │    follows, its  ▼                                  │
 *        │    leader leads  halted, by a newer configuration   │
 *        └──────────── quiet, or nobody else to hear ──────────┘
 *
 * The quiet is for those who may have a better vote and have not been heard. Where every voter has
 * said the same or cannot be reached, there is nobody to wait for; who has died may have answered a
 * call while it fell, and is called once more. Should one of them have had more after all, no harm
 * is done: a leader asks a quorum whether it lacks anything before it leads.
 *
 * It knows no links, no log and no clock: votes leave through the post it is given, the time comes
 * with each call. What it decides is a proposal for a leader, no more: whether that server leads is
 * found out by following it.
 *
 * Every decision has a quorum's word, and where others say that somebody leads, his own. Any of these
 * may be old: links bring again what was said before.
 */
import {
  assert,
  type Ensemble,
  formatEnsemble,
  formatZxid,
  NO_SERVER,
  NOTIFICATION_VERSION,
  type Notification,
  PeerState,
  parseEnsemble,
  type ServerId,
  type Zxid,
} from '@zabra/wire';
import { jointQuorumOf, quorumOf } from '../quorum/ensemble-quorum.ts';
import { sameMembers } from '../quorum/same-members.ts';
import type { QuorumVerifier } from '../quorum/verifier.ts';
import { BallotBox } from './ballot-box.ts';
import type { Notices } from './notices.ts';
import type { ElectionSettings } from './settings.ts';
import {
  type Ballot,
  isBetter,
  NO_EPOCH,
  NO_ZXID,
  saySame,
  UNTRUSTED_ZXID,
  type Vote,
} from './vote.ts';

/** Takes votes to other servers, as far as it can. */
export interface ElectionPost {
  send(to: ServerId, notification: Notification): void;
  /** Whether something sent to anybody has left. */
  readonly hasDelivered: boolean;
  /** Whether that server was called for the last message and did not answer. */
  isOutOfReach(id: ServerId): boolean;
  /** Tries again to reach those for whom something waits. */
  dialAll(): void;
}

/** What a server has of the history, when it begins to look. */
export interface OwnHistory {
  /** Of the last transaction in its log, committed or not. */
  readonly zxid: Zxid;
  readonly currentEpoch: bigint;
}

export interface Decision {
  /** What this server is to do now: lead, follow or observe. */
  readonly state: PeerState;
  readonly vote: Vote;
}

/**
 * `gathering` hears votes, `settling` waits whether a better one comes; `resting` has a leader, and
 * `halted` waits to be started over with a configuration it has learnt.
 */
type Phase = 'resting' | 'gathering' | 'settling' | 'halted';

const NO_ROUND = -1n;
const NEVER = Number.POSITIVE_INFINITY;

/** However many votes come in, repeating and settling are not put off for longer, in waits. */
const REPEAT_WAITS_MAX = 2;
const SETTLE_WAITS_MAX = 10;
/** After such a part of the wait for quiet, those are called again who may have gone meanwhile. */
const PROBE_SHARE = 0.1;

export class Election {
  readonly #settings: ElectionSettings;
  readonly #post: ElectionPost;
  readonly #notices: Notices;
  #committed!: Ensemble;
  /** The text of it, as it goes with every vote. */
  #config!: string;
  /** Of the committed configuration alone, and of both while another is under way. */
  #ruling!: QuorumVerifier;
  #quorum!: QuorumVerifier;
  #isObserver = false;

  #phase: Phase = 'resting';
  #state: PeerState = PeerState.Looking;
  /** Whom this server has found, as it tells others; while it looks, whom it had found before. */
  #vote: Vote | null = null;
  #round = 0n;
  /** The vote it would cast if it knew of nobody else; there is one once it has begun to look. */
  #own!: Vote;
  #proposal!: Vote;
  /** What voters have said in this round, and what those say who have a leader, in whatever round. */
  readonly #cast = new BallotBox();
  readonly #told = new BallotBox();
  /** Its own messages to itself: its vote counts like any other. */
  readonly #mirror: Notification[] = [];
  #repeatMs = 0;
  /** When the present wait began, leaving aside what came meanwhile. */
  #waitingSinceMs = 0;
  #deadlineMs = NEVER;
  #probeAtMs = NEVER;

  #decision: Decision | null = null;
  #learnt: Ensemble | null = null;
  /** Of all configurations it has been given or has learnt. */
  #newestVersion = 0n;
  /** Those who made this server leader, and those of them who are for it no more. */
  #supporters: ReadonlySet<ServerId> = new Set();
  readonly #deserters = new Set<ServerId>();

  constructor(
    settings: ElectionSettings,
    post: ElectionPost,
    notices: Notices,
    committed: Ensemble,
    lastSeen: Ensemble | null,
  ) {
    this.#settings = settings;
    this.#post = post;
    this.#notices = notices;
    this.configure(committed, lastSeen);
  }

  // Handing in.

  /** From now on these count; `lastSeen` beside the other while it is newer. */
  configure(committed: Ensemble, lastSeen: Ensemble | null): void {
    const { id } = this.#settings;
    this.#committed = committed;
    this.#newestVersion = committed.version;
    this.#config = formatEnsemble(committed);
    this.#ruling = quorumOf(committed);
    this.#quorum = jointQuorumOf(committed, lastSeen);
    this.#isObserver = committed.members.some((m) => m.id === id && m.role === 'observer');
  }

  /** Looks for a leader, in a new round. */
  start(history: OwnHistory, nowMs: number): void {
    this.#rest();
    this.#state = PeerState.Looking;
    this.#decision = null;
    this.#cast.clear();
    this.#told.clear();
    this.#round = BigInt.asIntN(64, this.#round + 1n);
    this.#own = this.#ownVote(history);
    this.#vote ??= this.#firstVote(history);
    this.#say('looking for a leader', this.#own);
    this.#phase = 'gathering';
    this.#repeatMs = this.#settings.repeatMsMin;
    this.#propose(this.#own, nowMs);
    this.#hearMyself(nowMs);
  }

  /**
   * What this server has become otherwise than by a decision, or how its vote is to be told from now
   * on: with the epoch that its leader has established.
   */
  assume(state: PeerState, vote: Vote): void {
    assert(state !== PeerState.Looking, 'whoever looks has started to');
    this.#rest();
    this.#state = state;
    this.#vote = vote;
  }

  onNotification(from: ServerId, notification: Notification, nowMs: number): void {
    this.#receive(from, notification, nowMs);
    this.#hearMyself(nowMs);
  }

  /** Somebody has turned out to be out of reach. */
  onUnreachable(): void {
    this.#settle();
  }

  onTimer(nowMs: number): void {
    if (nowMs >= this.#probeAtMs) {
      this.#probeAtMs = NEVER;
      this.#post.dialAll();
    }
    if (nowMs < this.#deadlineMs) return;
    if (this.#phase === 'settling') {
      this.#decide(this.#proposal, this.#cast.supportersOf(asBallot(this.#proposal)));
      return;
    }
    this.#repeatMs = Math.min(2 * this.#repeatMs, this.#settings.repeatMsMax);
    if (this.#post.hasDelivered) {
      this.#propose(this.#proposal, nowMs);
    } else {
      this.#post.dialAll();
      this.#waitAnew(nowMs);
    }
    this.#hearMyself(nowMs);
  }

  // Handing out.

  wakeAt(): number {
    return Math.min(this.#deadlineMs, this.#probeAtMs);
  }

  /** What has been decided since this was last asked. */
  takeDecision(): Decision | null {
    const taken = this.#decision;
    this.#decision = null;
    return taken;
  }

  /**
   * A newer configuration that somebody has committed: to be kept, and handed back by `configure`.
   * If its members are others than before, the election has stopped and is to be started over, with
   * new links.
   */
  takeLearnt(): Ensemble | null {
    const taken = this.#learnt;
    this.#learnt = null;
    return taken;
  }

  get state(): PeerState {
    return this.#state;
  }

  /** What others are told. */
  get vote(): Vote {
    assert(this.#vote !== null, 'whoever is asked has looked for a leader');
    return this.#vote;
  }

  get round(): bigint {
    return this.#round;
  }

  /** Whether it waits to be started over. */
  get isHalted(): boolean {
    return this.#phase === 'halted';
  }

  /** Of those who made this server leader, who has been for another, or looks again, since. */
  get deserters(): ReadonlySet<ServerId> {
    return this.#deserters;
  }

  /** Whether those who are left of them would not make this server leader any more. */
  get isDeserted(): boolean {
    if (this.#deserters.size === 0) return false;
    const loyal = [...this.#supporters].filter((id) => !this.#deserters.has(id));
    return !this.#quorum.contains(new Set(loyal));
  }

  // Inside: what comes in.

  #receive(from: ServerId, notification: Notification, nowMs: number): void {
    // Nothing can be said before the first start, nor until it is started over.
    if (this.#vote === null || this.#phase === 'halted' || this.#learn(notification)) return;
    const isLooking = notification.state === PeerState.Looking;
    if (!this.#quorum.voters.has(from)) {
      this.#send(from, this.#vote, this.#round);
    } else if (this.#state === PeerState.Looking) {
      // Who has no vote would be answered in turn, and so on without end: both answer at once.
      const isHeard = this.#quorum.voters.has(this.#settings.id);
      const isBehind = isLooking && notification.electionEpoch < this.#round;
      if (isBehind && isHeard) this.#send(from, this.#proposal, this.#round);
      this.#hear(from, ballotOf(notification), nowMs);
    } else if (isLooking) {
      if (this.#supporters.has(from) && this.#isLater(notification)) this.#deserters.add(from);
      this.#send(from, this.#vote, this.#vote.round);
    }
  }

  /** Votes only get better within a round; a link may bring an old one again. */
  #isLater(notification: Notification): boolean {
    const { round } = this.vote;
    const { electionEpoch } = notification;
    if (electionEpoch !== round) return electionEpoch > round;
    return isBetter(notification, this.vote, this.#quorum);
  }

  /** True when the election has to be started over. */
  #learn({ config }: Notification): boolean {
    if (!this.#settings.reconfigEnabled || this.#state !== PeerState.Looking) return false;
    if (config === null || config === this.#config) return false;
    const outcome = parseEnsemble(config);
    if (outcome.kind === 'problem') return false;
    const { ensemble } = outcome;
    if (ensemble.version <= this.#newestVersion) return false;
    this.#newestVersion = ensemble.version;
    this.#learnt = ensemble;
    if (sameMembers(ensemble, this.#committed)) return false;
    this.#phase = 'halted';
    this.#deadlineMs = NEVER;
    this.#probeAtMs = NEVER;
    return true;
  }

  #hear(from: ServerId, ballot: Ballot, nowMs: number): void {
    this.#wait(nowMs);
    const isForVoter = this.#quorum.voters.has(ballot.leader);
    const isLooking = ballot.state === PeerState.Looking;
    if (isLooking && isForVoter) this.#hearLooking(from, ballot, nowMs);
    else if (isLooking && ballot.round > this.#round) this.#moveOnTo(ballot.round, nowMs);
    const isSettled = !isLooking && ballot.state !== PeerState.Observing;
    if (isSettled && isForVoter) this.#hearSettled(from, ballot);
    this.#settle();
  }

  /**
   * Who votes only in the next configuration has nobody to propose and is heard all the same, in its
   * own round alone: if others stayed in an earlier one, a quorum of either could not come together.
   */
  #moveOnTo(round: bigint, nowMs: number): void {
    if (this.#own.zxid === UNTRUSTED_ZXID) return;
    this.#round = round;
    this.#phase = 'gathering';
    this.#probeAtMs = NEVER;
    this.#cast.clear();
    this.#propose(this.#own, nowMs);
  }

  #hearLooking(from: ServerId, ballot: Ballot, nowMs: number): void {
    if (this.#own.zxid === UNTRUSTED_ZXID || ballot.zxid === UNTRUSTED_ZXID) return;
    if (ballot.round < this.#round) return;
    const isBest = isBetter(ballot, this.#proposal, this.#quorum);
    if (this.#phase === 'settling' && !isBest) {
      if (saySame(ballot, asBallot(this.#proposal))) this.#cast.put(from, ballot);
      return;
    }
    this.#phase = 'gathering';
    this.#probeAtMs = NEVER;
    if (ballot.round > this.#round) {
      this.#round = ballot.round;
      this.#cast.clear();
      this.#propose(isBetter(ballot, this.#own, this.#quorum) ? ballot : this.#own, nowMs);
    } else if (isBest) {
      this.#propose(ballot, nowMs);
    }
    this.#cast.put(from, ballot);
    if (!this.#quorum.contains(this.#cast.supportersOf(asBallot(this.#proposal)))) return;
    this.#phase = 'settling';
    this.#waitAnew(nowMs);
    if (this.#settings.settlesEarly) {
      this.#probeAtMs = nowMs + PROBE_SHARE * this.#settings.settleMs;
    }
  }

  /** Without quiet, where nobody is left who could break it. */
  #settle(): void {
    if (this.#phase !== 'settling' || !this.#settings.settlesEarly) return;
    const supporters = this.#cast.supportersOf(asBallot(this.#proposal));
    for (const voter of this.#quorum.voters) {
      if (!supporters.has(voter) && !this.#post.isOutOfReach(voter)) return;
    }
    this.#decide(this.#proposal, supporters);
  }

  /** Somebody who has a leader; with a quorum of those, and the leader's own word, it is ours too. */
  #hearSettled(from: ServerId, ballot: Ballot): void {
    if (ballot.round === this.#round) {
      // Without a version, so that voters of this round agree by the leader alone.
      this.#cast.put(from, { ...ballot, version: 0 });
      if (this.#join(ballot, this.#cast)) return;
    }
    this.#told.put(from, ballot);
    this.#join(ballot, this.#told);
  }

  #join(ballot: Ballot, box: BallotBox): boolean {
    const { leader } = ballot;
    // A leader has asked itself whether it has the quorums it needs; a configuration that this server
    // has seen proposed may have been dropped since, and must not keep it from the others.
    const supporters = box.supportersOf(ballot);
    if (!this.#ruling.contains(supporters)) return false;
    // Followers may not have noticed yet that their leader is gone, or has lost all it had.
    const isVouchedFor =
      leader === this.#settings.id ? this.#canLead(ballot) : box.saysItLeads(leader);
    if (!isVouchedFor) return false;
    this.#round = ballot.round;
    this.#decide(ballot, supporters);
    return true;
  }

  #canLead({ round }: Ballot): boolean {
    return round === this.#round && this.#own.zxid !== UNTRUSTED_ZXID;
  }

  // Inside: what goes out.

  #propose({ leader, zxid, peerEpoch }: Vote, nowMs: number): void {
    this.#proposal = { leader, zxid, round: this.#round, peerEpoch };
    for (const voter of this.#quorum.voters) this.#send(voter, this.#proposal, this.#round);
    this.#waitAnew(nowMs);
  }

  #send(to: ServerId, { leader, zxid, peerEpoch }: Vote, electionEpoch: bigint): void {
    const version = NOTIFICATION_VERSION;
    const state = this.#state;
    const config = this.#config;
    const notification = { state, leader, zxid, electionEpoch, peerEpoch, version, config };
    if (to === this.#settings.id) this.#mirror.push(notification);
    else this.#post.send(to, notification);
  }

  #hearMyself(nowMs: number): void {
    for (let own = this.#mirror.shift(); own !== undefined; own = this.#mirror.shift()) {
      this.#receive(this.#settings.id, own, nowMs);
    }
  }

  #decide({ leader, zxid, round, peerEpoch }: Vote, supporters: ReadonlySet<ServerId>): void {
    this.#rest();
    this.#vote = { leader, zxid, round, peerEpoch };
    if (leader === this.#settings.id) {
      this.#state = PeerState.Leading;
      this.#supporters = supporters;
    } else {
      this.#state = this.#isObserver ? PeerState.Observing : PeerState.Following;
    }
    this.#say('found a leader', this.#vote);
    this.#decision = { state: this.#state, vote: this.#vote };
  }

  #rest(): void {
    this.#phase = 'resting';
    this.#deadlineMs = NEVER;
    this.#probeAtMs = NEVER;
    this.#supporters = new Set();
    this.#deserters.clear();
  }

  // Inside: small things.

  /**
   * Only members of the ruling configuration are voted for, as only among those a leader is looked
   * for. Observers are content with whomever others elect.
   */
  #ownVote({ zxid, currentEpoch }: OwnHistory): Vote {
    const isVoter = this.#ruling.voters.has(this.#settings.id);
    const leader = isVoter ? this.#settings.id : NO_SERVER;
    const round = this.#round;
    if (this.#isObserver) return { leader, zxid: NO_ZXID, round, peerEpoch: NO_EPOCH };
    return { leader, zxid, round, peerEpoch: currentEpoch };
  }

  /** What others are told before the first leader is found. */
  #firstVote({ zxid, currentEpoch }: OwnHistory): Vote {
    return { leader: this.#settings.id, zxid, round: NO_ROUND, peerEpoch: currentEpoch };
  }

  #waitAnew(nowMs: number): void {
    this.#waitingSinceMs = nowMs;
    this.#wait(nowMs);
  }

  /** Waits for silence, within bounds: a link that comes and goes must not hold up an election. */
  #wait(nowMs: number): void {
    const isSettling = this.#phase === 'settling';
    const waitMs = isSettling ? this.#settings.settleMs : this.#repeatMs;
    const waitsMax = isSettling ? SETTLE_WAITS_MAX : REPEAT_WAITS_MAX;
    this.#deadlineMs = Math.min(nowMs + waitMs, this.#waitingSinceMs + waitsMax * waitMs);
  }

  #say(text: string, { leader, zxid, peerEpoch }: Vote): void {
    const round = `${this.#round}`;
    const facts = { server: `${leader}`, zxid: formatZxid(zxid), round, epoch: `${peerEpoch}` };
    this.#notices.add('info', text, facts);
  }
}

function asBallot(vote: Vote): Ballot {
  return { ...vote, state: PeerState.Looking, version: 0 };
}

function ballotOf(notification: Notification): Ballot {
  const { leader, zxid, electionEpoch: round, peerEpoch, state, version } = notification;
  return { leader, zxid, round, peerEpoch, state, version };
}
