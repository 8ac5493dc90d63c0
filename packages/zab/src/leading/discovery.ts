/**
 * How a leader finds an epoch of its own and makes sure that it has the best history of a quorum:
 * first each voter says which epoch it has accepted, and the new one is above all of them; then each
 * says what it has. Who had promised the new epoch before is no witness, and neither is who has no
 * vote in the ruling configuration.
 */
import type { ServerId } from '@zabra/wire';
import type { QuorumVerifier } from '../quorum/verifier.ts';

export class Discovery {
  readonly #quorum: QuorumVerifier;
  readonly #heard: Set<ServerId>;
  readonly #promised: Set<ServerId>;
  #epoch: number;

  /** `epochMin`: the least this leader would take by itself. */
  constructor(quorum: QuorumVerifier, id: ServerId, epochMin: number) {
    this.#quorum = quorum;
    this.#heard = new Set([id]);
    this.#promised = new Set([id]);
    this.#epoch = epochMin;
  }

  /** The new epoch; final once a quorum was heard. */
  get epoch(): number {
    return this.#epoch;
  }

  get hasHeardQuorum(): boolean {
    return this.#quorum.contains(this.#heard);
  }

  get hasPromises(): boolean {
    return this.#quorum.contains(this.#promised);
  }

  /** Everybody's promise raises the epoch; `id` is null for whoever is not counted. */
  hear(id: ServerId | null, acceptedEpoch: number): void {
    this.#epoch = Math.max(this.#epoch, acceptedEpoch + 1);
    if (id !== null) this.#heard.add(id);
  }

  promise(id: ServerId): void {
    this.#promised.add(id);
  }
}
