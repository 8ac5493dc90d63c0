/**
 * Whom an observer calls: the followers in turn, at the port at which they feed observers, and after
 * them the leader. Observers begin at different ones, by their ids. One that has brought it in step
 * is called again first; one that has not is passed over.
 */
import type { PeerAddress, ServerId } from '@zabra/wire';
import type { Configurations } from '../configurations.ts';
import type { PeerSettings } from '../settings.ts';

export interface Master {
  readonly id: ServerId;
  /** With the port for observers in place of the quorum port. */
  readonly addresses: readonly PeerAddress[];
}

export class Masters {
  readonly #settings: PeerSettings;
  readonly #configurations: Configurations;
  /** Where the turn begins among the followers. */
  #first: number;
  /** Calls since one has led to anything. */
  #calls = 0;

  constructor(settings: PeerSettings, configurations: Configurations) {
    this.#settings = settings;
    this.#configurations = configurations;
    this.#first = Number(settings.id % 256n);
  }

  /** Whom to call next; null for the leader. */
  next(leader: ServerId): Master | null {
    const { members } = this.#configurations.committed;
    const followers = members.filter(({ id, role }) => role === 'participant' && id !== leader);
    const turn = this.#calls % (followers.length + 1);
    this.#calls += 1;
    if (turn === followers.length) return null;
    const { id, addresses } = followers[(this.#first + turn) % followers.length]!;
    const quorumPort = this.#settings.observerMasterPort;
    return { id, addresses: addresses.map((address) => ({ ...address, quorumPort })) };
  }

  /** The one called last has brought this server in step. */
  served(): void {
    this.#first += Math.max(0, this.#calls - 1);
    this.#calls = 0;
  }
}
