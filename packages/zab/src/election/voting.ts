/**
 * One server's part in elections, as the peer that owns it sees it: the election and its links as one.
 * Links and bytes go in, a decision comes out; a change of configuration that replaces members starts
 * both over.
 */
import type { Ensemble, Notification, ServerAddress, ServerId } from '@zabra/wire';
import { PeerState } from '@zabra/wire';
import { sameMembers } from '../quorum/same-members.ts';
import { type Decision, Election, type OwnHistory } from './election.ts';
import {
  type ElectionAddresses,
  type ElectionInbox,
  ElectionLinks,
  type ElectionLinksSettings,
  type LinkOrder,
  type LinkOutput,
} from './links.ts';
import { type Notice, Notices } from './notices.ts';
import type { ElectionSettings } from './settings.ts';
import type { Vote } from './vote.ts';

export class Voting implements ElectionInbox {
  readonly #settings: ElectionSettings;
  readonly #notices = new Notices();
  readonly #links: ElectionLinks;
  #committed: Ensemble;
  #election: Election;

  constructor(
    settings: ElectionSettings,
    linksSettings: Omit<ElectionLinksSettings, 'id'>,
    committed: Ensemble,
    lastSeen: Ensemble | null,
  ) {
    const { id } = settings;
    this.#settings = settings;
    this.#committed = committed;
    this.#links = new ElectionLinks({ ...linksSettings, id }, this, this.#notices);
    this.#locate(lastSeen);
    this.#election = new Election(settings, this.#links, this.#notices, committed, lastSeen);
  }

  // Handing in.

  /** Looks for a leader; what is said of the own history must be on the disk. */
  start(history: OwnHistory, nowMs: number): void {
    this.#election.start(history, nowMs);
  }

  /** See `Election.assume`. */
  assume(state: PeerState, vote: Vote): void {
    this.#election.assume(state, vote);
  }

  /** From now on these count. Whoever was looking has to start again if members were replaced. */
  configure(committed: Ensemble, lastSeen: Ensemble | null): void {
    const isSame = sameMembers(committed, this.#committed);
    this.#committed = committed;
    this.#locate(lastSeen);
    if (isSame) this.#election.configure(committed, lastSeen);
    else this.#startOver(lastSeen);
  }

  linkOpened(link: number, dialled: ServerId | null, nowMs: number): void {
    this.#links.linkOpened(link, dialled, nowMs);
  }

  dialFailed(id: ServerId): void {
    this.#links.dialFailed(id);
  }

  received(link: number, chunk: Uint8Array, nowMs: number): void {
    this.#links.received(link, chunk, nowMs);
  }

  flushed(link: number): void {
    this.#links.flushed(link);
  }

  closed(link: number): void {
    this.#links.closed(link);
  }

  onNotification(from: ServerId, notification: Notification, nowMs: number): void {
    this.#election.onNotification(from, notification, nowMs);
  }

  onUnreachable(): void {
    this.#election.onUnreachable();
  }

  onTimer(nowMs: number): void {
    this.#links.onTimer(nowMs);
    this.#election.onTimer(nowMs);
  }

  /** Hangs up on everybody and answers nobody any more. */
  stop(): void {
    this.#links.stop();
  }

  // Handing out.

  /** What this server has found to do since this was last asked. */
  takeDecision(): Decision | null {
    return this.#election.takeDecision();
  }

  /** See `Election.takeLearnt`. */
  takeLearnt(): Ensemble | null {
    return this.#election.takeLearnt();
  }

  takeOutput(): readonly LinkOutput[] {
    return this.#links.takeOutput();
  }

  takeOrders(): readonly LinkOrder[] {
    return this.#links.takeOrders();
  }

  takeNotices(): readonly Notice[] {
    return this.#notices.take();
  }

  wakeAt(): number {
    return Math.min(this.#links.wakeAt(), this.#election.wakeAt());
  }

  get state(): PeerState {
    return this.#election.state;
  }

  get vote(): Vote {
    return this.#election.vote;
  }

  get round(): bigint {
    return this.#election.round;
  }

  /** Whether nothing more will be decided before it is configured and started again. */
  get isHalted(): boolean {
    return this.#election.isHalted;
  }

  /** See `Election.isDeserted`. */
  get isDeserted(): boolean {
    return this.#election.isDeserted;
  }

  #locate(lastSeen: Ensemble | null): void {
    const { id } = this.#settings;
    const me = this.#committed.members.find((member) => member.id === id);
    const own = me?.addresses.map(({ host, electionPort: port }) => ({ host, port })) ?? null;
    this.#links.configure(addressesOf(id, this.#committed, lastSeen), own);
  }

  #startOver(lastSeen: Ensemble | null): void {
    const { state } = this.#election;
    const vote = state === PeerState.Looking ? null : this.#election.vote;
    this.#links.restart();
    this.#election = new Election(
      this.#settings,
      this.#links,
      this.#notices,
      this.#committed,
      lastSeen,
    );
    if (vote !== null) this.#election.assume(state, vote);
  }
}

/** Where the others listen: by the configuration that rules first, then by the one to come. */
function addressesOf(
  own: ServerId,
  committed: Ensemble,
  lastSeen: Ensemble | null,
): ElectionAddresses {
  const addresses = new Map<ServerId, ServerAddress[]>();
  for (const { id, addresses: places } of [...committed.members, ...(lastSeen?.members ?? [])]) {
    if (id === own) continue;
    const known = addresses.get(id) ?? [];
    for (const { host, electionPort: port } of places) {
      if (!known.some((a) => a.host === host && a.port === port)) known.push({ host, port });
    }
    addresses.set(id, known);
  }
  return addresses;
}
