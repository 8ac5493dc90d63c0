/**
 * How long to wait before the next attempt. The very first goes at once; all others are spread by
 * chance, since a server that went away took all its clients' connections at one moment.
 */
import type { Chance } from './chance.ts';
import type { SessionSettings } from './settings.ts';

export class Backoff {
  readonly #settings: SessionSettings;
  readonly #chance: Chance;
  #isFirst = true;

  constructor(settings: SessionSettings, chance: Chance) {
    this.#settings = settings;
    this.#chance = chance;
  }

  pauseMs(isRoundOver: boolean, hasBroken: boolean): number {
    if (this.#isFirst) {
      this.#isFirst = false;
      return 0;
    }
    const { jitterMsMax, roundPauseMs, brokenPauseMs } = this.#settings;
    const spreadMs = Math.floor(this.#chance.next() * jitterMsMax);
    return spreadMs + (isRoundOver ? roundPauseMs : 0) + (hasBroken ? brokenPauseMs : 0);
  }
}
