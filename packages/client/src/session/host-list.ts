/**
 * Which server is next. The list is shuffled once, so that clients spread, and then gone through in
 * a round.
 *
 * When the list changes, so many clients move that all servers carry the same afterwards, and no
 * more. A client that has to move first draws from which group its next server comes, the added
 * ones or those that stayed, and tries each server once; then the round goes on as ever.
 */
import { assert } from '@zabra/wire';
import type { Chance } from './chance.ts';
import { type Endpoint, formatEndpoint } from './contract.ts';

export interface NextServer {
  readonly endpoint: Endpoint;
  /** All servers have been tried since the last success. */
  readonly isRoundOver: boolean;
}

/** Those to be tried once each after a change, and the chance of the added ones. */
interface Moving {
  readonly added: Endpoint[];
  readonly stayed: Endpoint[];
  readonly addedChance: number;
}

export class HostList {
  readonly #chance: Chance;
  #servers: readonly Endpoint[];
  #index = -1;
  #lastGood = -1;
  #moving: Moving | null = null;

  constructor(servers: readonly Endpoint[], chance: Chance) {
    assert(servers.length > 0, 'there is a server to connect to');
    this.#chance = chance;
    this.#servers = chance.shuffle(distinct(servers));
  }

  get servers(): readonly Endpoint[] {
    return this.#servers;
  }

  next(): NextServer {
    const drawn = this.#draw();
    if (drawn !== null) return { endpoint: drawn, isRoundOver: false };
    const wasMoving = this.#moving !== null;
    this.#moving = null;
    this.#index = (this.#index + 1) % this.#servers.length;
    const isRoundOver = wasMoving || this.#index === this.#lastGood;
    if (this.#lastGood < 0) this.#lastGood = 0;
    return { endpoint: this.#servers[this.#index]!, isRoundOver };
  }

  onConnected(endpoint: Endpoint): void {
    this.#moving = null;
    this.#index = this.#servers.findIndex((server) => isSame(server, endpoint));
    this.#lastGood = Math.max(this.#index, 0);
  }

  /** A new list; whether to leave `mine`, the server in use or being tried, for another. */
  update(servers: readonly Endpoint[], mine: Endpoint | null): boolean {
    assert(servers.length > 0, 'there is a server to connect to');
    const own = mine ?? this.#draw();
    const next = this.#chance.shuffle(distinct(servers));
    const stayed = next.filter((server) => contains(this.#servers, server));
    const added = next.filter((server) => !contains(this.#servers, server));
    const sizeBefore = this.#servers.length;
    this.#servers = next;
    this.#moving = null;
    this.#index = own === null ? -1 : next.findIndex((server) => isSame(server, own));
    this.#lastGood = this.#index;
    if (own === null) return false;
    const isMineThere = this.#index >= 0;
    if (next.length > sizeBefore) {
      if (isMineThere && this.#chance.next() >= 1 - sizeBefore / next.length) return false;
      this.#moving = { added, stayed, addedChance: 1 };
      return true;
    }
    if (isMineThere) return false;
    const fromStayed =
      (stayed.length * (sizeBefore - next.length)) / (next.length * (sizeBefore - stayed.length));
    this.#moving = { added, stayed, addedChance: 1 - fromStayed };
    return true;
  }

  #draw(): Endpoint | null {
    if (this.#moving === null) return null;
    const { added, stayed, addedChance } = this.#moving;
    const wantsAdded = this.#chance.next() < addedChance;
    const group = added.length > 0 && (wantsAdded || stayed.length === 0) ? added : stayed;
    return group.shift() ?? null;
  }
}

export function isSame(one: Endpoint, other: Endpoint): boolean {
  return one.port === other.port && one.host === other.host;
}

function contains(servers: readonly Endpoint[], server: Endpoint): boolean {
  return servers.some((other) => isSame(other, server));
}

function distinct(servers: readonly Endpoint[]): Endpoint[] {
  return [...new Map(servers.map((server) => [formatEndpoint(server), server])).values()];
}
