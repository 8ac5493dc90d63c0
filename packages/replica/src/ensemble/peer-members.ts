/** The members of an ensemble, as its leader knows them when somebody wants to change them. */
import type { Members } from '@zabra/tree';
import type { Ensemble } from '@zabra/wire';
import type { Peer } from '@zabra/zab';

export class PeerMembers implements Members {
  readonly #peer: Peer;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  get newest(): Ensemble {
    const { committed, next } = this.#peer.configurations;
    return next ?? committed;
  }

  get isChanging(): boolean {
    return this.#peer.configurations.next !== null;
  }

  hasQuorumOf(ensemble: Ensemble): boolean {
    return this.#peer.hasQuorumOf(ensemble);
  }
}
