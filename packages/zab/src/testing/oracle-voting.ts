/**
 * In place of elections, an oracle that need not be right: whoever looks is told a leader, be it one
 * without votes or with a poor history. Nothing that was agreed may rest on who was elected; only
 * that it goes on does.
 */
import { type Ensemble, PeerState, type ServerId } from '@zabra/wire';
import type { Decision, OwnHistory } from '../election/election.ts';
import type { ElectionSettings } from '../election/settings.ts';
import type { Vote } from '../election/vote.ts';
import type { Voting } from '../election/voting.ts';

export interface Oracle {
  /** Whom this server is to take for the leader, and when; null for being asked again. */
  leaderFor(id: ServerId): { readonly leader: ServerId; readonly waitMs: number } | null;
  /** Whether those who elected the leader look again. */
  readonly isDeserted?: boolean;
}

const NEVER = Number.POSITIVE_INFINITY;

type Face = { readonly [Name in keyof Voting]: Voting[Name] };

export class OracleVoting implements Face {
  readonly #id: ServerId;
  readonly #oracle: Oracle;
  #isObserver: boolean;
  #leader: ServerId;
  #isAsking = false;
  #dueMs = NEVER;
  #decision: Decision | null = null;
  #zxid: OwnHistory['zxid'] = 0n as OwnHistory['zxid'];
  state: PeerState = PeerState.Looking;
  readonly round = 1n;
  readonly isHalted = false;

  constructor(oracle: Oracle, settings: ElectionSettings, committed: Ensemble) {
    this.#oracle = oracle;
    this.#id = settings.id;
    this.#leader = settings.id;
    this.#isObserver = isObserver(settings.id, committed);
  }

  start({ zxid }: OwnHistory, nowMs: number): void {
    this.state = PeerState.Looking;
    this.#zxid = zxid;
    this.#isAsking = true;
    this.#ask(nowMs);
  }

  #ask(nowMs: number): void {
    const answer = this.#oracle.leaderFor(this.#id);
    if (answer === null) return;
    this.#isAsking = false;
    this.#leader = answer.leader;
    this.#dueMs = nowMs + answer.waitMs;
  }

  onTimer(nowMs: number): void {
    if (this.#isAsking) this.#ask(nowMs);
    if (nowMs < this.#dueMs) return;
    this.#dueMs = NEVER;
    const learning = this.#isObserver ? PeerState.Observing : PeerState.Following;
    this.state = this.#leader === this.#id ? PeerState.Leading : learning;
    this.#decision = { state: this.state, vote: this.vote };
  }

  takeDecision(): Decision | null {
    const taken = this.#decision;
    this.#decision = null;
    return taken;
  }

  get isDeserted(): boolean {
    return this.#oracle.isDeserted === true && this.state === PeerState.Leading;
  }

  get vote(): Vote {
    return { leader: this.#leader, zxid: this.#zxid, round: 1n, peerEpoch: 0n };
  }

  assume(state: PeerState): void {
    this.state = state;
    this.#isAsking = false;
    this.#dueMs = NEVER;
  }

  configure(committed: Ensemble): void {
    this.#isObserver = isObserver(this.#id, committed);
  }

  wakeAt(): number {
    return this.#dueMs;
  }

  takeLearnt(): null {
    return null;
  }

  takeOutput(): readonly never[] {
    return [];
  }

  takeOrders(): readonly never[] {
    return [];
  }

  takeNotices(): readonly never[] {
    return [];
  }

  linkOpened(): void {}

  dialFailed(): void {}

  received(): void {}

  flushed(): void {}

  closed(): void {}

  onNotification(): void {}

  onUnreachable(): void {}

  stop(): void {}
}

function isObserver(id: ServerId, { members }: Ensemble): boolean {
  return members.some((member) => member.id === id && member.role === 'observer');
}
