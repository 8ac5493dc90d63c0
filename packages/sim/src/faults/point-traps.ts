/**
 * Traps at points of the protocol: whoever comes to a point as the n-th is struck there, before what
 * it is doing or right behind. What a trap does is up to those who set it.
 */
import type { Fact, Listener } from '../checkers/ensemble/facts.ts';
import type { Known } from '../checkers/ensemble/known.ts';
import { placeOf } from './points.ts';

export interface PointTrap {
  readonly point: string;
  /** How many come by before. */
  passes: number;
  /** Whoever it is; facts name servers by their ids. */
  spring(server: number): void;
}

export class PointTraps implements Listener {
  readonly #known: Known;
  #traps: PointTrap[] = [];

  constructor(known: Known) {
    this.#known = known;
  }

  set(trap: PointTrap): void {
    this.#traps.push(trap);
  }

  /** Nobody is struck any more. */
  clear(): void {
    this.#traps = [];
  }

  /** What is known must be as it was before the fact. */
  hear(fact: Fact): void {
    if (this.#traps.length === 0) return;
    const place = placeOf(fact, this.#known);
    if (place === null) return;
    const trap = this.#traps.find(({ point }) => point === place.point);
    if (trap === undefined) return;
    trap.passes -= 1;
    if (trap.passes >= 0) return;
    this.#traps = this.#traps.filter((one) => one !== trap);
    trap.spring(place.server);
  }
}
