/**
 * How fast new connections are taken: a bucket of tokens that fills by the clock. Where it is told
 * to (`freezeMs`), it also refuses by chance, more and more often while the bucket stays empty and
 * less and less while it is full, so that a storm is turned away before it empties the bucket.
 */
import type { Chance } from './chance.ts';

export interface ConnectionThrottleSettings {
  /** Tokens in a full bucket; 0 admits everybody. */
  readonly tokens: number;
  readonly fillMs: number;
  /** Tokens that come every `fillMs`. */
  readonly fillCount: number;
  /** Time between changes of the probability of refusal; -1 never refuses by chance. */
  readonly freezeMs: number;
  readonly dropIncrease: number;
  readonly dropDecrease: number;
  /** Share of tokens that may be missing while the probability still falls. */
  readonly decreaseRatio: number;
  readonly newSessionTokens: number;
  readonly renewalTokens: number;
}

export class ConnectionThrottle {
  readonly #settings: ConnectionThrottleSettings;
  readonly #chance: Chance;
  #tokens: number;
  #filledMs = 0;
  #changedMs = 0;
  #refusal = 0;

  constructor(settings: ConnectionThrottleSettings, chance: Chance) {
    this.#settings = settings;
    this.#chance = chance;
    this.#tokens = settings.tokens;
  }

  /** Takes a connection's tokens; false where it has to be turned away. */
  admits(isRenewal: boolean, nowMs: number): boolean {
    const { tokens, newSessionTokens, renewalTokens, freezeMs } = this.#settings;
    if (tokens === 0) return true;
    this.#fill(nowMs);
    if (freezeMs >= 0 && this.#isUnlucky(nowMs)) return false;
    const needed = isRenewal ? renewalTokens : newSessionTokens;
    if (this.#tokens < needed) return false;
    this.#tokens -= needed;
    return true;
  }

  #fill(nowMs: number): void {
    const { tokens, fillMs, fillCount } = this.#settings;
    const elapsedMs = nowMs - this.#filledMs;
    if (elapsedMs <= fillMs) return;
    const fresh = Math.floor((elapsedMs * fillCount) / fillMs);
    this.#tokens = Math.min(this.#tokens + fresh, tokens);
    this.#filledMs = nowMs;
  }

  #isUnlucky(nowMs: number): boolean {
    const { tokens, freezeMs, decreaseRatio, dropIncrease, dropDecrease } = this.#settings;
    if (nowMs - this.#changedMs > freezeMs) {
      const missing = tokens - this.#tokens;
      if (missing === tokens) this.#refusal = Math.min(this.#refusal + dropIncrease, 1);
      else if (missing <= Math.round(tokens * decreaseRatio)) {
        this.#refusal = Math.max(this.#refusal - dropDecrease, 0);
      }
      this.#changedMs = nowMs;
    }
    return this.#chance.next() < this.#refusal;
  }
}
