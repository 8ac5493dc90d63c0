/**
 * How long no server has taken the session on, and why not. It is told once for each outage, when it
 * has lasted a whole timeout and every server could have been tried.
 */
import { type Endpoint, formatEndpoint, type LinkEnd, type ServerFailure } from './contract.ts';

export class Outage {
  #sinceMs: number | null = null;
  #attempts = 0;
  #wasTold = false;
  /** The last failure of each server. */
  readonly #failures = new Map<string, ServerFailure>();

  /** When it began; never, while there is a connection. */
  get sinceMs(): number {
    return this.#sinceMs ?? Number.POSITIVE_INFINITY;
  }

  begin(nowMs: number): void {
    this.#sinceMs = nowMs;
    this.#attempts = 0;
    this.#wasTold = false;
    this.#failures.clear();
  }

  end(): void {
    this.#sinceMs = null;
  }

  onFailure(endpoint: Endpoint, end: LinkEnd): void {
    this.#attempts += 1;
    this.#failures.set(formatEndpoint(endpoint), { endpoint, end });
  }

  keepOnly(servers: readonly Endpoint[]): void {
    const kept = new Set(servers.map(formatEndpoint));
    for (const server of this.#failures.keys()) {
      if (!kept.has(server)) this.#failures.delete(server);
    }
  }

  /** When there is something to tell. */
  newsAt(timeoutMs: number, serverCount: number): number {
    if (this.#wasTold || this.#attempts < serverCount) return Number.POSITIVE_INFINITY;
    return this.sinceMs + timeoutMs;
  }

  tell(): readonly ServerFailure[] {
    this.#wasTold = true;
    return [...this.#failures.values()];
  }
}
