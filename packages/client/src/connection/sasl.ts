/**
 * An exchange of tokens by which a client proves who it is, before anything else is said on a
 * connection. The mechanism is whoever is given; Node's entry brings DIGEST-MD5.
 */
import type { ServerInfo } from './host.ts';

/** One exchange, on one connection. */
export interface SaslExchange {
  /** The first token; empty where the server speaks first. */
  begin(): Uint8Array | Promise<Uint8Array>;
  /** The answer to a token of the server's; null when the exchange is complete. Throws if it fails. */
  respond(challenge: Uint8Array): Uint8Array | null | Promise<Uint8Array | null>;
}

export interface SaslMechanism {
  readonly name: string;
  exchange(server: ServerInfo): SaslExchange;
}

export interface SaslEvents {
  respond(token: Uint8Array): void;
  complete(): void;
  fail(error: unknown): void;
}

/** Follows the exchange of whichever connection there is; what belongs to an earlier one is dropped. */
export class SaslDialog {
  readonly #mechanism: SaslMechanism;
  readonly #isRequired: boolean;
  readonly #events: SaslEvents;
  #exchange: SaslExchange | null = null;

  constructor(mechanism: SaslMechanism, isRequired: boolean, events: SaslEvents) {
    this.#mechanism = mechanism;
    this.#isRequired = isRequired;
    this.#events = events;
  }

  onReport(server: ServerInfo, challenge: Uint8Array | null, isFirst: boolean): void {
    if (isFirst && !this.#begin(server)) return;
    if (!isFirst && challenge === null) this.#onRefusal();
    else void this.#step(this.#exchange!, challenge);
  }

  #begin(server: ServerInfo): boolean {
    try {
      this.#exchange = this.#mechanism.exchange(server);
      return true;
    } catch (error) {
      this.#events.fail(error);
      return false;
    }
  }

  async #step(exchange: SaslExchange, token: Uint8Array | null): Promise<void> {
    try {
      const answer = token === null ? await exchange.begin() : await exchange.respond(token);
      if (exchange !== this.#exchange) return;
      if (answer === null) this.#events.complete();
      else this.#events.respond(answer);
    } catch (error) {
      if (exchange === this.#exchange) this.#events.fail(error);
    }
  }

  /** A server without SASL answers with no token. */
  #onRefusal(): void {
    if (!this.#isRequired) this.#events.complete();
    else this.#events.fail(new Error(`the server does not do SASL (${this.#mechanism.name})`));
  }
}
