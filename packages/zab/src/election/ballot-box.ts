/** The last ballot of each voter who was heard. It holds no more than one for each of them. */
import { PeerState, type ServerId } from '@zabra/wire';
import { type Ballot, saySame } from './vote.ts';

export class BallotBox {
  readonly #ballots = new Map<ServerId, Ballot>();

  put(voter: ServerId, ballot: Ballot): void {
    this.#ballots.set(voter, ballot);
  }

  clear(): void {
    this.#ballots.clear();
  }

  /** Those whose ballot says the same as this one. */
  supportersOf(ballot: Ballot): ReadonlySet<ServerId> {
    const supporters = new Set<ServerId>();
    for (const [voter, theirs] of this.#ballots) {
      if (saySame(ballot, theirs)) supporters.add(voter);
    }
    return supporters;
  }

  /** Whether that server itself has said that it leads. */
  saysItLeads(id: ServerId): boolean {
    return this.#ballots.get(id)?.state === PeerState.Leading;
  }
}
