/**
 * The configuration that rules, and the one that was proposed and may come to rule. While there is
 * such a next one, what is decided takes a quorum of either; who negotiates an epoch is asked in the
 * ruling one alone.
 *
 * The next one is on disk before the record that proposes it: a log that holds the record without
 * anybody knowing of its configuration could be elected by the old quorum alone.
 */
import type { Ensemble, Member, PeerAddress, ServerId } from '@zabra/wire';
import type { Journal } from './contract.ts';
import { jointQuorumOf, quorumOf } from './quorum/ensemble-quorum.ts';
import type { QuorumVerifier } from './quorum/verifier.ts';

export class Configurations {
  readonly #journal: Journal;
  committed: Ensemble;
  /** Newer than the other where there is one. */
  next: Ensemble | null;
  /** Of the committed one alone. */
  quorum!: QuorumVerifier;
  /** Of both. */
  joint!: QuorumVerifier;
  /** Grows with every change. */
  changes = 0;

  constructor(journal: Journal, committed: Ensemble, next: Ensemble | null) {
    this.#journal = journal;
    this.committed = committed;
    this.next = next !== null && next.version > committed.version ? next : null;
    this.#measure();
  }

  /** What a new leader of this server's history tells its learners, and makes rule. */
  get newest(): Ensemble {
    return this.next ?? this.committed;
  }

  /** An older one, as history brings them, changes nothing. */
  propose(next: Ensemble): void {
    if (next.version <= this.newest.version) return;
    this.next = next;
    this.#journal.storeConfiguration('next', next);
    this.#measure();
  }

  /** False where a newer one rules already. */
  commit(ensemble: Ensemble): boolean {
    if (ensemble.version <= this.committed.version) return false;
    this.committed = ensemble;
    this.#journal.storeConfiguration('committed', ensemble);
    if (this.next !== null && this.next.version <= ensemble.version) {
      this.next = null;
      this.#journal.storeConfiguration('next', null);
    }
    this.#measure();
    return true;
  }

  isObserver(id: ServerId): boolean {
    return this.committed.members.some((member) => member.id === id && member.role === 'observer');
  }

  /** Where the others reach a member's quorum port; none for a stranger. */
  addressesOf(id: ServerId): readonly PeerAddress[] {
    return memberOf(this.committed, id)?.addresses ?? memberOf(this.newest, id)?.addresses ?? [];
  }

  #measure(): void {
    this.quorum = quorumOf(this.committed);
    this.joint = jointQuorumOf(this.committed, this.next);
    this.changes += 1;
  }
}

/** Whether who leads in one configuration may go on in another: by its vote, at its address. */
export function keepsLeader(leader: ServerId, before: Ensemble, after: Ensemble): boolean {
  const old = memberOf(before, leader);
  const now = memberOf(after, leader);
  return now?.role === 'participant' && portsOf(old) === portsOf(now);
}

function memberOf({ members }: Ensemble, id: ServerId): Member | undefined {
  return members.find((member) => member.id === id);
}

function portsOf(member: Member | undefined): string {
  const ports = member?.addresses.map(({ host, quorumPort }) => `${host} ${quorumPort}`) ?? [];
  return ports.sort().join();
}
